//! MSM over G1 and G2 of BN254.

use anyhow::Result;
use ark_bn254::{G1Projective, G2Projective};
use ark_ec::CurveGroup;
use clap::{Parser, ValueEnum};
use zkiln_compare::data::{self, Scalars};
use zkiln_compare::family::{self, Common, Worker};
use zkiln_compare::harness;
use zkiln_compare::peers::{ark, halo2, snarkrs, zkiln};
use zkiln_compare::report::Row;

/// Multi-scalar multiplication: zkiln, arkworks, halo2curves and snarkrs on the same points.
#[derive(Parser)]
struct Arguments {
    /// Sizes, as base-2 logarithms.
    #[arg(long, value_delimiter = ',', default_value = "14,16,18,20")]
    log_sizes: Vec<u32>,

    /// Groups.
    #[arg(long, value_delimiter = ',', default_value = "g1,g2")]
    groups: Vec<GroupName>,

    /// Distributions of the scalars.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "uniform,witness-bits,short"
    )]
    scalars: Vec<Scalars>,

    #[command(flatten)]
    common: Common,
}

#[derive(Clone, Copy, ValueEnum)]
enum GroupName {
    G1,
    G2,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    family::run(&arguments.common, |worker| {
        for group in &arguments.groups {
            match group {
                GroupName::G1 => compare::<G1Projective>("G1", &arguments, worker)?,
                GroupName::G2 => compare::<G2Projective>("G2", &arguments, worker)?,
            }
        }
        Ok(())
    })
}

fn compare<G>(group: &str, arguments: &Arguments, worker: &Worker) -> Result<()>
where
    G: CurveGroup + halo2::Twin + snarkrs::Twin + zkiln::Twin,
{
    let largest = arguments.log_sizes.iter().copied().max().unwrap_or(0);
    let points = data::points::<G>(1 << largest);
    for &log_n in &arguments.log_sizes {
        let bases = &points[..1 << log_n];
        for &set in &arguments.scalars {
            let scalars = set.generate(bases.len());
            let contenders = vec![
                zkiln::msm::<G>(bases, &scalars)?,
                ark::msm::<G>(bases, &scalars),
                halo2::msm::<G>(bases, &scalars),
                snarkrs::msm::<G>(bases, &scalars),
            ];
            let outcomes = harness::interleave(contenders, worker.reps, harness::agreement())?;
            let set = set
                .to_possible_value()
                .map(|v| v.get_name().to_owned())
                .unwrap_or_default();
            let workload = format!("msm {group} 2^{log_n} {set}");
            for outcome in &outcomes {
                worker.emit(&Row::new(&workload, worker.threads, outcome))?;
            }
        }
    }
    Ok(())
}
