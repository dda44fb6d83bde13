//! The security of parameters against Plonky3's numbers, and the table of the documentation.

use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear};
use zkiln::stark::config::{KeccakConfig, Poseidon2Config8, Poseidon2Config24, StarkConfig};
use zkiln::stark::parameters::{Dialect, Parameters};
use zkiln::stark::security::Instance;

/// Parameters (blow-up, queries, final polynomial, arity; work of batching, folding, queries, the point
/// outside), an instance (height, width, next row, constraints, degree, chunks, degree and bits of the
/// extension), and what the `proven_security_report` (unique decoding, Johnson) and the
/// `conjectured_security_report` of `p3-security` 0.8.0 say of them, with a hash of 128 bits.
type Vector = ([u32; 8], [usize; 8], f64, f64, f64);

#[rustfmt::skip]
const VECTORS: &[Vector] = &[
    ([1, 100, 0, 3, 10, 0, 16, 0], [13, 1312, 0, 1312, 3, 2, 4, 124], 57.497880, 65.927883, 107.192557),
    ([1, 100, 0, 3, 10, 0, 16, 0], [20, 2, 1, 5, 2, 1, 4, 124], 57.503658, 65.927883, 100.192644),
    ([1, 100, 0, 3, 10, 0, 16, 0], [16, 2633, 1, 3182, 3, 2, 4, 124], 57.502282, 65.927883, 104.192634),
    ([1, 100, 0, 3, 10, 0, 16, 0], [20, 16, 1, 20, 3, 2, 2, 128], 57.503658, 65.927883, 104.192644),
    ([1, 100, 0, 3, 10, 0, 16, 0], [3, 2, 1, 5, 2, 1, 4, 124], 45.956028, 49.007500, 113.185643),
    ([1, 100, 0, 3, 10, 0, 16, 0], [0, 2, 1, 5, 2, 1, 4, 124], 0.000000, 0.000000, 113.185643),
    ([1, 100, 0, 3, 10, 0, 16, 0], [1, 2, 0, 1, 1, 1, 4, 124], 35.264508, 0.000000, 113.185643),
    ([1, 100, 0, 3, 10, 0, 16, 0], [20, 100, 1, 100, 3, 2, 5, 155], 57.503658, 65.927883, 113.744139),
    ([1, 100, 0, 3, 10, 0, 16, 0], [22, 3000, 1, 3000, 3, 2, 4, 124], 57.503727, 65.927008, 98.192645),
    ([2, 100, 0, 3, 20, 20, 20, 20], [13, 1312, 0, 1312, 3, 2, 4, 124], 87.803668, 107.118238, 113.642448),
    ([2, 100, 0, 3, 20, 20, 20, 20], [20, 2, 1, 5, 2, 1, 4, 124], 87.807135, 107.676287, 119.192645),
    ([2, 100, 0, 3, 20, 20, 20, 20], [16, 2633, 1, 3182, 3, 2, 4, 124], 87.806310, 103.007500, 112.364282),
    ([2, 100, 0, 3, 20, 20, 20, 20], [20, 16, 1, 20, 3, 2, 2, 128], 87.807135, 108.735006, 120.870717),
    ([2, 100, 0, 3, 20, 20, 20, 20], [3, 2, 1, 5, 2, 1, 4, 124], 80.768258, 103.007500, 121.678072),
    ([2, 100, 0, 3, 20, 20, 20, 20], [0, 2, 1, 5, 2, 1, 4, 124], 0.000000, 0.000000, 121.678072),
    ([2, 100, 0, 3, 20, 20, 20, 20], [1, 2, 0, 1, 1, 1, 4, 124], 74.056838, 0.000000, 124.000000),
    ([2, 100, 0, 3, 20, 20, 20, 20], [20, 100, 1, 100, 3, 2, 5, 155], 87.807135, 119.581220, 128.000000),
    ([2, 100, 0, 3, 20, 20, 20, 20], [22, 3000, 1, 3000, 3, 2, 4, 124], 87.807177, 97.760758, 107.447571),
    ([3, 34, 0, 3, 10, 0, 16, 0], [13, 1312, 0, 1312, 3, 2, 4, 124], 44.221885, 66.975480, 105.192623),
    ([3, 34, 0, 3, 10, 0, 16, 0], [20, 2, 1, 5, 2, 1, 4, 124], 44.222540, 66.950075, 98.192645),
    ([3, 34, 0, 3, 10, 0, 16, 0], [16, 2633, 1, 3182, 3, 2, 4, 124], 44.222384, 66.975480, 102.192642),
    ([3, 34, 0, 3, 10, 0, 16, 0], [20, 16, 1, 20, 3, 2, 2, 128], 44.222540, 66.975480, 102.192645),
    ([3, 34, 0, 3, 10, 0, 16, 0], [3, 2, 1, 5, 2, 1, 4, 124], 42.878586, 61.222550, 115.170277),
    ([3, 34, 0, 3, 10, 0, 16, 0], [0, 2, 1, 5, 2, 1, 4, 124], 0.000000, 0.000000, 116.273319),
    ([3, 34, 0, 3, 10, 0, 16, 0], [1, 2, 0, 1, 1, 1, 4, 124], 41.570465, 0.000000, 116.273319),
    ([3, 34, 0, 3, 10, 0, 16, 0], [20, 100, 1, 100, 3, 2, 5, 155], 44.222540, 66.975480, 116.613827),
    ([3, 34, 0, 3, 10, 0, 16, 0], [22, 3000, 1, 3000, 3, 2, 4, 124], 44.222547, 66.921202, 96.192645),
    ([2, 50, 0, 4, 0, 0, 0, 0], [13, 1312, 0, 1312, 3, 2, 4, 124], 33.901834, 49.963942, 98.024572),
    ([2, 50, 0, 4, 0, 0, 0, 0], [20, 2, 1, 5, 2, 1, 4, 124], 33.903568, 49.963942, 98.024572),
    ([2, 50, 0, 4, 0, 0, 0, 0], [16, 2633, 1, 3182, 3, 2, 4, 124], 33.903155, 49.963942, 93.635592),
    ([2, 50, 0, 4, 0, 0, 0, 0], [20, 16, 1, 20, 3, 2, 2, 128], 33.903568, 49.963942, 98.085492),
    ([2, 50, 0, 4, 0, 0, 0, 0], [3, 2, 1, 5, 2, 1, 4, 124], 30.384129, 41.503750, 98.024572),
    ([2, 50, 0, 4, 0, 0, 0, 0], [0, 2, 1, 5, 2, 1, 4, 124], 0.000000, 0.000000, 98.024572),
    ([2, 50, 0, 4, 0, 0, 0, 0], [1, 2, 0, 1, 1, 1, 4, 124], 27.028419, 0.000000, 98.024572),
    ([2, 50, 0, 4, 0, 0, 0, 0], [20, 100, 1, 100, 3, 2, 5, 155], 33.903568, 49.963942, 98.415353),
    ([2, 50, 0, 4, 0, 0, 0, 0], [22, 3000, 1, 3000, 3, 2, 4, 124], 33.903588, 49.963942, 87.447571),
    ([4, 54, 0, 3, 20, 20, 20, 20], [13, 1312, 0, 1312, 3, 2, 4, 124], 69.276447, 105.797493, 113.642448),
    ([4, 54, 0, 3, 20, 20, 20, 20], [20, 2, 1, 5, 2, 1, 4, 124], 69.276998, 106.355541, 117.192645),
    ([4, 54, 0, 3, 20, 20, 20, 20], [16, 2633, 1, 3182, 3, 2, 4, 124], 69.276867, 100.798467, 111.635592),
    ([4, 54, 0, 3, 20, 20, 20, 20], [20, 16, 1, 20, 3, 2, 2, 128], 69.276998, 108.033613, 118.870717),
    ([4, 54, 0, 3, 20, 20, 20, 20], [3, 2, 1, 5, 2, 1, 4, 124], 68.139679, 117.508147, 121.678072),
    ([4, 54, 0, 3, 20, 20, 20, 20], [0, 2, 1, 5, 2, 1, 4, 124], 0.000000, 0.000000, 121.678072),
    ([4, 54, 0, 3, 20, 20, 20, 20], [1, 2, 0, 1, 1, 1, 4, 124], 67.018717, 0.000000, 124.000000),
    ([4, 54, 0, 3, 20, 20, 20, 20], [20, 100, 1, 100, 3, 2, 5, 155], 69.276998, 125.602718, 128.000000),
    ([4, 54, 0, 3, 20, 20, 20, 20], [22, 3000, 1, 3000, 3, 2, 4, 124], 69.277004, 94.610468, 105.447571),
    ([1, 2, 3, 1, 0, 1, 1, 0], [13, 1312, 0, 1312, 3, 2, 4, 124], 1.829958, 1.998558, 2.943713),
    ([1, 2, 3, 1, 0, 1, 1, 0], [20, 2, 1, 5, 2, 1, 4, 124], 1.830073, 1.998558, 2.943713),
    ([1, 2, 3, 1, 0, 1, 1, 0], [16, 2633, 1, 3182, 3, 2, 4, 124], 1.830046, 1.998558, 2.943713),
    ([1, 2, 3, 1, 0, 1, 1, 0], [20, 16, 1, 20, 3, 2, 2, 128], 1.830073, 1.998558, 2.945455),
    ([1, 2, 3, 1, 0, 1, 1, 0], [3, 2, 1, 5, 2, 1, 4, 124], 1.599121, 1.660150, 2.943713),
    ([1, 2, 3, 1, 0, 1, 1, 0], [0, 2, 1, 5, 2, 1, 4, 124], 0.000000, 0.000000, 2.943713),
    ([1, 2, 3, 1, 0, 1, 1, 0], [1, 2, 0, 1, 1, 1, 4, 124], 1.385290, 0.000000, 2.943713),
    ([1, 2, 3, 1, 0, 1, 1, 0], [20, 100, 1, 100, 3, 2, 5, 155], 1.830073, 1.998558, 2.954883),
    ([1, 2, 3, 1, 0, 1, 1, 0], [22, 3000, 1, 3000, 3, 2, 4, 124], 1.830075, 1.998558, 2.943713),
];

#[test]
fn the_bits_are_those_of_plonky3() {
    for &(p, i, unique_decoding, johnson, conjectured) in VECTORS {
        let parameters = Parameters {
            dialect: Dialect::P3v0_8,
            log_blowup: p[0],
            queries: p[1],
            log_final_poly_len: p[2],
            max_log_arity: p[3],
            batch_grinding: p[4],
            commit_grinding: p[5],
            query_grinding: p[6],
            ood_grinding: p[7],
            cap_height: 0,
        };
        let instance = Instance {
            log_height: i[0] as u32,
            constraints: i[3],
            degree: i[4],
            quotient_chunks: i[5],
            points: 1 + i[2],
            openings: i[1] * (1 + i[2]) + i[5] * i[6],
            challenge_bits: i[7] as f64,
            collision_bits: 128.0,
        };
        let security = instance.security(&parameters);
        let same = |ours: f64, theirs: f64| {
            assert!(
                (ours - theirs).abs() < 1e-5,
                "{p:?} {i:?}: {ours}, not {theirs}"
            );
        };
        same(security.unique_decoding, unique_decoding);
        same(security.johnson, johnson);
        same(security.conjectured, conjectured);
        assert_eq!(security.proven_bits(), unique_decoding.max(johnson) as u32);
        assert_eq!(security.conjectured_bits(), conjectured as u32);
    }
}

/// Constraints of degree three that read a next row.
fn instance<C: StarkConfig>(log_height: u32, width: usize, constraints: usize) -> Instance {
    let (challenge_bits, collision_bits) = Instance::bits_of::<C>();
    let degree = <C::Challenge as zkiln::field::small::ExtensionField>::DEGREE;
    Instance {
        log_height,
        constraints,
        degree: 3,
        quotient_chunks: 2,
        points: 2,
        openings: 2 * width + 2 * degree,
        challenge_bits,
        collision_bits,
    }
}

type MakeInstance = fn(u32, usize, usize) -> Instance;

const FIELDS: [(&str, MakeInstance); 3] = [
    (
        "KoalaBear, quartic",
        instance::<Poseidon2Config24<KoalaBear>>,
    ),
    ("BabyBear, quartic", instance::<Poseidon2Config24<BabyBear>>),
    (
        "Goldilocks, quadratic",
        instance::<Poseidon2Config8<Goldilocks>>,
    ),
];

#[test]
fn presets_give_what_they_promise() {
    for (field, instance) in FIELDS {
        for log_height in 4..=20 {
            for (width, constraints) in [(1, 1), (16, 16), (1312, 1312), (2600, 3200)] {
                let security = instance(log_height, width, constraints);
                let of = |parameters| security.security(&parameters).proven_bits();
                assert!(
                    of(Parameters::proven100()) >= 100,
                    "{field} 2^{log_height} x {width}"
                );
                let fast = of(Parameters::fast());
                assert!(
                    log_height < 10 || fast == 65,
                    "{field} 2^{log_height} x {width}: {fast}"
                );
            }
        }
    }
}

#[test]
fn bits_are_those_of_the_field_and_the_digest() {
    let near = |(challenge, collision): (f64, f64), expected: (f64, f64)| {
        assert!((challenge - expected.0).abs() < 0.01, "{challenge}");
        assert!((collision - expected.1).abs() < 0.01, "{collision}");
    };
    near(
        Instance::bits_of::<Poseidon2Config24<KoalaBear>>(),
        (123.955, 123.955),
    );
    near(
        Instance::bits_of::<KeccakConfig<BabyBear>>(),
        (123.628, 123.628),
    );
    near(
        Instance::bits_of::<Poseidon2Config8<Goldilocks>>(),
        (128.0, 128.0),
    );
}

/// The table of the documentation is what the code says.
#[test]
fn the_documentation_has_these_numbers() {
    let presets = [
        ("`fast`", Parameters::fast()),
        ("`proven100`", Parameters::proven100()),
    ];
    let shapes = [(16, 1312, 1312), (20, 16, 16), (20, 2600, 3200)];
    let mut table = String::new();
    for (preset, parameters) in presets {
        for (field, instance) in FIELDS {
            let mut line = format!("| {preset} | {field} |");
            for (log_height, width, constraints) in shapes {
                let security = instance(log_height, width, constraints).security(&parameters);
                line += &format!(
                    " {} ({} / {}), {} |",
                    security.proven_bits(),
                    security.unique_decoding as u32,
                    security.johnson as u32,
                    security.conjectured_bits()
                );
            }
            table += &line;
            table += "\n";
        }
    }
    let documentation = include_str!("../docs/stark.md");
    assert!(
        documentation.contains(&table),
        "the table must be:\n{table}"
    );
}
