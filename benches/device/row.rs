//! How times are taken and written down.

use core::fmt;
use std::time::Instant;

use serde_json::{Value, json};
use zkiln::backend::{Device, Kind, Stream};

use crate::Result;

/// Timed runs, after one to warm up.
const REPETITIONS: usize = 5;

/// A device to measure, and the sizes to measure at.
pub(crate) struct Bench {
    pub(crate) device: Device,
    log_sizes: Option<Vec<u32>>,
}

/// What one workload took.
pub(crate) struct Row {
    pub(crate) workload: String,
    /// Milliseconds, the least and the median of the repetitions: on the device, from the first kernel to
    /// the last, or for whoever waits for the result, where that is what matters.
    pub(crate) best: f64,
    pub(crate) median: f64,
    pub(crate) clock: Clock,
}

/// What a time is of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Clock {
    /// Between two events on the stream.
    Device,
    /// From the call until its result is there.
    Wall,
}

impl Bench {
    pub(crate) fn new(device: Device, log_sizes: Option<Vec<u32>>) -> Self {
        Self { device, log_sizes }
    }

    /// The sizes that were asked for, or these; small ones on the emulator.
    pub(crate) fn log_sizes(&self, default: &[u32]) -> Vec<u32> {
        match (&self.log_sizes, self.device.info().kind) {
            (Some(sizes), _) => sizes.clone(),
            (None, Kind::Emulator) => vec![8],
            (None, Kind::Nvidia) => default.to_vec(),
        }
    }

    /// The time on the device of what `work` queues.
    pub(crate) fn on_device(
        &self,
        workload: String,
        stream: &Stream,
        mut work: impl FnMut() -> Result<()>,
    ) -> Result<Row> {
        self.repeat(workload, Clock::Device, || {
            let start = stream.record()?;
            work()?;
            let end = stream.record()?;
            end.synchronize()?;
            Ok(f64::from(end.since(&start)?))
        })
    }

    /// The time until `work` returns.
    pub(crate) fn on_the_wall(
        &self,
        workload: String,
        mut work: impl FnMut() -> Result<()>,
    ) -> Result<Row> {
        self.repeat(workload, Clock::Wall, || {
            let start = Instant::now();
            work()?;
            Ok(start.elapsed().as_secs_f64() * 1e3)
        })
    }

    fn repeat(
        &self,
        workload: String,
        clock: Clock,
        mut run: impl FnMut() -> Result<f64>,
    ) -> Result<Row> {
        run()?;
        let mut times = Vec::new();
        for _ in 0..REPETITIONS {
            times.push(run()?);
        }
        times.sort_by(f64::total_cmp);
        Ok(Row {
            workload,
            best: times[0],
            median: times[REPETITIONS / 2],
            clock,
        })
    }

    pub(crate) fn title(&self) -> String {
        let info = self.device.info();
        format!(
            "{}, kernels {}",
            info.name,
            zkiln_cuda::KERNEL_HASH
                .get(..16)
                .unwrap_or("of no known hash")
        )
    }

    pub(crate) fn to_json(&self, rows: &[Row]) -> String {
        let info = self.device.info();
        let rows: Vec<Value> = rows
            .iter()
            .map(|row| {
                json!({
                    "workload": row.workload,
                    "best_ms": row.best,
                    "median_ms": row.median,
                    "clock": format!("{:?}", row.clock).to_lowercase(),
                })
            })
            .collect();
        let all = json!({
            "device": info.name,
            "driver_cuda": info.driver_version,
            "kernel_hash": zkiln_cuda::KERNEL_HASH,
            "kernel_archs": zkiln_cuda::KERNEL_ARCHS,
            "rows": rows,
        });
        format!("{all:#}\n")
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            workload,
            best,
            median,
            clock,
        } = self;
        let clock = match clock {
            Clock::Device => "on the device",
            Clock::Wall => "until the result",
        };
        write!(
            f,
            "{workload:<44} {best:>10.3} ms, median {median:.3}, {clock}"
        )
    }
}
