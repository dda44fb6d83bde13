//! What a GPU can do: the rates at which it issues the instructions that the field is made of, copies, and
//! does the field's operations, which the cost models of the kernels divide their counts by.
//!
//! `cargo bench -p zkiln-cuda --bench roofline -- [--json FILE]`

use std::fmt::Write as _;
use std::process::ExitCode;

use zkiln_cuda::{Device, KERNEL_ARCHS, KERNEL_HASH, Result, Stream};

/// A kernel that does the same thing again and again: `kernel(out, iterations)`.
struct Loop {
    kernel: &'static str,
    what: &'static str,
    /// How often a thread does it in an iteration.
    per_thread: f64,
    threads: u32,
    /// Bytes of shared memory of a thread.
    shared: usize,
}

const fn instructions(kernel: &'static str, what: &'static str) -> Loop {
    Loop {
        kernel,
        what,
        per_thread: 256.0,
        threads: 256,
        shared: 0,
    }
}

const fn operations(kernel: &'static str, what: &'static str, per_thread: f64) -> Loop {
    Loop {
        kernel,
        what,
        per_thread,
        threads: 256,
        shared: 0,
    }
}

const fn additions(kernel: &'static str, what: &'static str, per_thread: f64) -> Loop {
    Loop {
        kernel,
        what,
        per_thread,
        threads: 128,
        shared: 64,
    }
}

const LOOPS: [Loop; 15] = [
    instructions("roofline_wide", "IMAD.WIDE"),
    instructions("roofline_wide_carry", "IMAD.WIDE with carries"),
    instructions("roofline_imad", "IMAD"),
    instructions("roofline_imad_hi", "IMAD.HI"),
    instructions("roofline_iadd3", "IADD3"),
    instructions("roofline_dfma", "DFMA"),
    instructions("roofline_wide_dfma", "IMAD.WIDE and DFMA"),
    instructions("roofline_wide_iadd3", "IMAD.WIDE and IADD3"),
    operations("roofline_mul_fq", "Fq multiplication", 1.0),
    operations("roofline_sqr_fq", "Fq square", 1.0),
    operations("roofline_mul_sub_mul_fq", "Fq a b - c d", 1.0),
    operations(
        "roofline_mul_bls381_fq",
        "Fq multiplication of BLS12-381",
        1.0,
    ),
    operations("roofline_mul_fq2", "Fq2 multiplication", 0.5),
    additions("roofline_add_mixed_g1", "mixed addition on G1", 1.0),
    additions("roofline_add_mixed_g2", "mixed addition on G2", 0.5),
];

/// Threads of a multiprocessor, where registers allow it.
const RESIDENT: u32 = 2048;
/// A launch lasts at least this long, in milliseconds, so that its edges do not count.
const LONG_ENOUGH: f32 = 10.0;
const REPETITIONS: usize = 5;

struct Row {
    what: &'static str,
    /// Operations, or bytes, in a second.
    rate: f64,
    /// Those of a multiprocessor in a clock, at its highest.
    per_clock: Option<f64>,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).filter(|word| word != "--bench");
    let json = match (arguments.next().as_deref(), arguments.next()) {
        (None, None) => None,
        (Some("--json"), Some(path)) => Some(path),
        _ => {
            eprintln!("usage: roofline [--json FILE]");
            return ExitCode::from(2);
        }
    };
    let measured = Device::nvidia(0).and_then(|device| Ok((measure(&device)?, device)));
    let (rows, device) = match measured {
        Ok(measured) => measured,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    print_table(&device, &rows);
    if let Some(path) = json
        && let Err(error) = std::fs::write(&path, to_json(&device, &rows))
    {
        eprintln!("{path}: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn measure(device: &Device) -> Result<Vec<Row>> {
    let info = device.info();
    let clocks = f64::from(info.multiprocessors) * f64::from(info.clock_khz) * 1e3;
    let stream = device.stream()?;
    let mut rows = Vec::new();
    for each in &LOOPS {
        let rate = rate_of(&stream, each)?;
        rows.push(Row {
            what: each.what,
            rate,
            per_clock: (clocks > 0.0).then(|| rate / clocks),
        });
    }
    rows.push(Row {
        what: "copied bytes, read and written",
        rate: copy_rate(&stream)?,
        per_clock: None,
    });
    Ok(rows)
}

/// The operations in a second, of a machine full of threads that do nothing else.
fn rate_of(stream: &Stream, each: &Loop) -> Result<f64> {
    let blocks = (stream.device().info().multiprocessors * RESIDENT / each.threads) as usize;
    let threads = blocks * each.threads as usize;
    let mut out = stream.zeros::<u32>(threads)?;
    let mut launch = |iterations: u32| {
        let call = stream.call(each.kernel).blocks(blocks);
        let call = call
            .threads(each.threads)
            .shared(each.shared * each.threads as usize);
        let call = call.arg(&mut out).arg(iterations);
        // SAFETY: a word for each thread, as the kernel takes for granted.
        timed(stream, || unsafe { call.launch() })
    };
    let mut iterations = 1;
    while launch(iterations)? < LONG_ENOUGH && iterations < 1 << 24 {
        iterations *= 2;
    }
    let best = best_of(|| launch(iterations))?;
    Ok(threads as f64 * f64::from(iterations) * each.per_thread / seconds(best))
}

/// The bytes in a second that a copy reads and writes, together.
fn copy_rate(stream: &Stream) -> Result<f64> {
    const QUAD: usize = 16;
    let bytes = (stream.device().memory().budget / 4).min(4 << 30) as usize;
    let quads = bytes / QUAD;
    let from = stream.zeros::<[u32; 4]>(quads)?;
    let mut to = stream.zeros::<[u32; 4]>(quads)?;
    let blocks = (stream.device().info().multiprocessors * RESIDENT / 256) as usize;
    let mut launch = || {
        let call = stream.call("roofline_copy").blocks(blocks).threads(256);
        let call = call.arg(&from).arg(&mut to).arg(quads as u64);
        // SAFETY: two buffers of as many quads as are named.
        timed(stream, || unsafe { call.launch() })
    };
    launch()?;
    let best = best_of(launch)?;
    Ok((2 * quads * QUAD) as f64 / seconds(best))
}

/// The milliseconds from the start to the end of what `work` queues.
fn timed(stream: &Stream, work: impl FnOnce() -> Result<()>) -> Result<f32> {
    let start = stream.record()?;
    work()?;
    let end = stream.record()?;
    end.synchronize()?;
    end.since(&start)
}

fn best_of(mut run: impl FnMut() -> Result<f32>) -> Result<f32> {
    let mut best = f32::INFINITY;
    for _ in 0..REPETITIONS {
        best = best.min(run()?);
    }
    Ok(best)
}

fn seconds(milliseconds: f32) -> f64 {
    f64::from(milliseconds) * 1e-3
}

fn print_table(device: &Device, rows: &[Row]) {
    let info = device.info();
    println!(
        "{}: {} multiprocessors, at most {} MHz; the rates are the best of {REPETITIONS}\n",
        info.name,
        info.multiprocessors,
        info.clock_khz / 1000
    );
    println!("| what | 10^9 a second | a clock and multiprocessor |");
    println!("|---|--:|--:|");
    for row in rows {
        let per_clock = row
            .per_clock
            .map_or("-".into(), |rate| format!("{rate:.2}"));
        println!("| {} | {:.1} | {per_clock} |", row.what, row.rate / 1e9);
    }
}

fn to_json(device: &Device, rows: &[Row]) -> String {
    let info = device.info();
    let mut text = format!(
        "{{\n  \"device\": {:?},\n  \"compute_capability\": \"{}.{}\",\n  \"multiprocessors\": {},\n  \
         \"clock_khz\": {},\n  \"memory_bytes\": {},\n  \"driver_cuda\": {},\n  \"kernel_hash\": {:?},\n  \
         \"kernel_archs\": {:?},\n  \"rates\": {{",
        info.name,
        info.capability.0,
        info.capability.1,
        info.multiprocessors,
        info.clock_khz,
        info.memory,
        info.driver_version,
        KERNEL_HASH,
        KERNEL_ARCHS
    );
    for (i, row) in rows.iter().enumerate() {
        let comma = if i == 0 { "" } else { "," };
        write!(text, "{comma}\n    {:?}: {:.4e}", row.what, row.rate).expect("a string grows");
    }
    text + "\n  }\n}\n"
}
