//! The choice of the instruction set.

use std::sync::OnceLock;

#[cfg(target_arch = "x86_64")]
use super::Avx512Ifma;
use super::{Generic, Isa, Modulus, PrimeVector};
use crate::{Error, Result};

/// The variable of the environment that forces an instruction set: `generic` or `avx512ifma`.
const VARIABLE: &str = "ZKILN_CPU";

/// Evaluates an expression with the instruction set of a [`Cpu`]: `on_cpu!(cpu, isa => isa.run(kernel))`.
macro_rules! on_cpu {
    ($cpu:expr, $isa:ident => $body:expr) => {
        match $cpu {
            $crate::field::arch::Cpu::Generic($isa) => $body,
            #[cfg(target_arch = "x86_64")]
            $crate::field::arch::Cpu::Avx512Ifma($isa) => $body,
        }
    };
}
pub(crate) use on_cpu;

/// The instruction set in use.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cpu {
    /// The portable one.
    Generic(Generic),
    /// x86-64 with AVX-512 IFMA.
    #[cfg(target_arch = "x86_64")]
    Avx512Ifma(Avx512Ifma),
}

impl Cpu {
    /// The best instruction set that the processor has, or the one that `ZKILN_CPU` names; looked up
    /// once.
    ///
    /// # Errors
    /// [`Error::Argument`] if the processor lacks what was asked for by name, or nothing has the name: that
    /// is never replaced by something else.
    pub(crate) fn get() -> Result<Self> {
        static CHOICE: OnceLock<core::result::Result<Cpu, String>> = OnceLock::new();
        CHOICE
            .get_or_init(|| match std::env::var_os(VARIABLE) {
                None => Ok(Self::best()),
                Some(name) => Self::named(&name.to_string_lossy()),
            })
            .clone()
            .map_err(Error::Argument)
    }

    /// [`Cpu::get`] for functions that cannot fail: the portable instruction set in place of an error.
    pub(crate) fn get_or_generic() -> Self {
        Self::get().unwrap_or(Self::Generic(Generic))
    }

    /// Whether `ZKILN_CPU` is why code is portable, for what has instructions of its own: it forces portable
    /// code, or instructions that this processor lacks.
    pub(crate) fn is_forced_generic() -> bool {
        let is_set = std::env::var_os(VARIABLE).is_some_and(|name| !name.is_empty());
        is_set && matches!(Self::get_or_generic(), Self::Generic(_))
    }

    /// What it is called, in words.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Generic(_) => "generic 64-bit",
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Ifma(_) => "AVX-512 IFMA",
        }
    }

    /// [`PrimeVector::factor`] of the instruction set.
    pub(crate) fn factor<F: Modulus>(self, element: F) -> F {
        fn factor<F: Modulus, I: Isa>(_: I, element: F) -> F {
            I::Prime::<F>::factor(element)
        }
        on_cpu!(self, isa => factor(isa, element))
    }

    fn best() -> Self {
        Self::all().pop().expect("one is portable")
    }

    /// All that the processor has, the best last.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = vec![Self::Generic(Generic)];
        #[cfg(target_arch = "x86_64")]
        all.extend(Avx512Ifma::new().map(Self::Avx512Ifma));
        all
    }

    fn named(name: &str) -> core::result::Result<Self, String> {
        match name {
            "" => Ok(Self::best()),
            "generic" => Ok(Self::Generic(Generic)),
            "avx512ifma" => Self::avx512ifma().ok_or_else(|| {
                format!(
                    "{VARIABLE}=avx512ifma: this processor lacks AVX-512 IFMA or VBMI2; unset the \
                     variable to use what it has"
                )
            }),
            _ => Err(format!(
                "{VARIABLE}={name}: the names are generic and avx512ifma"
            )),
        }
    }

    #[cfg(target_arch = "x86_64")]
    fn avx512ifma() -> Option<Self> {
        Avx512Ifma::new().map(Self::Avx512Ifma)
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn avx512ifma() -> Option<Self> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_choose_and_others_are_refused() {
        assert!(matches!(Cpu::named("generic"), Ok(Cpu::Generic(_))));
        assert!(Cpu::named("avx2").unwrap_err().contains("avx2"));
        match Cpu::named("avx512ifma") {
            Ok(cpu) => assert!(!matches!(cpu, Cpu::Generic(_))),
            Err(sentence) => {
                assert!(Cpu::avx512ifma().is_none());
                assert!(sentence.contains("lacks"));
            }
        }
    }
}
