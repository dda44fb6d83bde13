//! Small files made by hand, byte by byte from the formats' descriptions and not by the library.

use zkiln::curve::{Affine, Curve, G1, G2};
use zkiln::field::{Fq, Fr, PrimeField};

/// A container that can be broken.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) magic: [u8; 4],
    pub(crate) version: u32,
    pub(crate) sections: Vec<(u32, Vec<u8>)>,
}

impl File {
    /// The bytes of the file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.magic.to_vec();
        bytes.extend(self.version.to_le_bytes());
        bytes.extend((self.sections.len() as u32).to_le_bytes());
        for (id, payload) in &self.sections {
            bytes.extend(id.to_le_bytes());
            bytes.extend((payload.len() as u64).to_le_bytes());
            bytes.extend(payload);
        }
        bytes
    }

    /// The payload of a section.
    pub(crate) fn section(&mut self, id: u32) -> &mut Vec<u8> {
        let section = self.sections.iter_mut().find(|section| section.0 == id);
        &mut section.expect("the section").1
    }

    /// The file with the bytes at an offset of a section replaced.
    pub(crate) fn with(&self, id: u32, offset: usize, bytes: impl AsRef<[u8]>) -> Vec<u8> {
        let mut file = self.clone();
        let bytes = bytes.as_ref();
        file.section(id)[offset..offset + bytes.len()].copy_from_slice(bytes);
        file.bytes()
    }

    /// The file with a section made longer or shorter.
    pub(crate) fn resized(&self, id: u32, change: isize) -> Vec<u8> {
        let mut file = self.clone();
        let section = file.section(id);
        section.resize(section.len().checked_add_signed(change).unwrap(), 0);
        file.bytes()
    }

    /// The file without a section.
    pub(crate) fn without(&self, id: u32) -> Vec<u8> {
        let mut file = self.clone();
        file.sections.retain(|section| section.0 != id);
        file.bytes()
    }
}

/// A prime as headers have it: its size and its bytes.
pub(crate) fn prime<F: PrimeField>() -> Vec<u8> {
    let mut bytes = (F::BYTES as u32).to_le_bytes().to_vec();
    bytes.extend(limbs(F::MODULUS.as_ref()));
    bytes
}

pub(crate) fn limbs(limbs: &[u64]) -> Vec<u8> {
    limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect()
}

/// A canonical number of 32 bytes.
pub(crate) fn number(value: u64) -> Vec<u8> {
    limbs(&[value, 0, 0, 0])
}

pub(crate) fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// `k` times the generator; infinity for 0.
pub(crate) fn multiple<C: Curve<Scalar = Fr>>(k: u64) -> Affine<C> {
    (C::GENERATOR * Fr::from(k)).to_affine()
}

/// The bytes of points, which are their limbs.
pub(crate) fn points<C: Curve>(points: &[Affine<C>]) -> Vec<u8> {
    limbs(bytemuck::cast_slice(points))
}

pub(crate) fn g1(multiples: &[u64]) -> Vec<u8> {
    points(
        &multiples
            .iter()
            .map(|&k| multiple::<G1>(k))
            .collect::<Vec<_>>(),
    )
}

pub(crate) fn g2(multiples: &[u64]) -> Vec<u8> {
    points(
        &multiples
            .iter()
            .map(|&k| multiple::<G2>(k))
            .collect::<Vec<_>>(),
    )
}

/// Four wires 1, c, a, b, of which c is public, and the constraint a b = c.
pub(crate) fn wtns() -> File {
    let header = [prime::<Fr>(), words(&[4])].concat();
    let values = [number(1), number(33), number(3), number(11)].concat();
    File {
        magic: *b"wtns",
        version: 2,
        sections: vec![(1, header), (2, values)],
    }
}

/// The constraint of [`wtns`], twice: `a b = c` and `1 c = c`.
pub(crate) fn r1cs() -> File {
    let term = |wire: u32| [words(&[1, wire]), number(1)].concat();
    let header = [
        prime::<Fr>(),
        words(&[4, 1, 0, 2]),
        limbs(&[4]),
        words(&[2]),
    ];
    let constraints = [[2, 3, 1], [0, 1, 1]].concat().into_iter().map(term);
    File {
        magic: *b"r1cs",
        version: 1,
        sections: vec![
            (2, constraints.collect::<Vec<_>>().concat()),
            (1, header.concat()),
            (3, limbs(&[0, 1, 2, 3])),
        ],
    }
}

/// The stored form of a coefficient's value, `v R^2 mod r`, by additions.
pub(crate) fn twice_montgomery(value: u64) -> Vec<u8> {
    let r2 = (0..512).fold(Fr::from(value), |v, _| v + v).to_canonical();
    limbs(r2.as_ref())
}

/// A key with the counts of [`wtns`]'s circuit, a domain of 4 and arbitrary points.
pub(crate) fn zkey() -> File {
    let header = [
        prime::<Fq>(),
        prime::<Fr>(),
        words(&[4, 1, 4]),
        g1(&[2, 3]),
        g2(&[3, 1]),
        g1(&[5]),
        g2(&[5]),
    ];
    let coefficients = [
        words(&[2]),
        [words(&[0, 0, 2]), twice_montgomery(7)].concat(),
        [words(&[1, 3, 3]), twice_montgomery(1)].concat(),
    ];
    let contribution = |kind: u32, parameters: &[u8]| {
        [
            g1(&[5, 6, 7]),
            g2(&[8]),
            vec![9; 64],
            words(&[kind, parameters.len() as u32]),
            parameters.to_vec(),
        ]
        .concat()
    };
    let contributions = [
        vec![1; 64],
        words(&[2]),
        contribution(0, b"\x01\x03Eve"),
        contribution(1, b"\x02\x0a\x03\x02\xbe\xac"),
    ];
    File {
        magic: *b"zkey",
        version: 1,
        sections: vec![
            (1, words(&[1])),
            (2, header.concat()),
            (4, coefficients.concat()),
            (3, g1(&[10, 11])),
            (9, g1(&[12, 13, 14, 15])),
            (8, g1(&[16, 0])),
            (5, g1(&[17, 0, 18, 19])),
            (6, g1(&[0, 20, 21, 0])),
            (7, g2(&[0, 20, 21, 0])),
            (10, contributions.concat()),
        ],
    }
}

/// A point of the curve of G2 outside the group of prime order, found by counting.
pub(crate) fn outside_subgroup() -> Affine<G2> {
    use zkiln::field::Fq2;
    (1u64..)
        .filter_map(|x| Affine::<G2>::from_x(Fq2::new(x.into(), Fq::ONE), false))
        .find(|point| !G2::is_in_subgroup(point))
        .expect("nearly all points are outside")
}
