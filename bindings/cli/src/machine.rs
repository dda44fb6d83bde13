//! The machine that this runs on: in words, and its clock.

use std::time::Duration;

/// The processor's name, as the operating system knows it.
pub(crate) fn processor() -> String {
    let name = if cfg!(target_os = "macos") {
        std::process::Command::new("/usr/sbin/sysctl")
            .args(["-n", "machdep.cpu.brand_string"])
            .output()
            .ok()
            .and_then(|output| String::from_utf8(output.stdout).ok())
    } else {
        std::fs::read_to_string("/proc/cpuinfo")
            .ok()
            .and_then(|text| {
                let line = text.lines().find(|line| line.starts_with("model name"))?;
                line.split_once(':').map(|(_, name)| name.to_owned())
            })
    };
    let name = name.unwrap_or_default().trim().to_owned();
    if name.is_empty() {
        "unknown".to_owned()
    } else {
        name
    }
}

/// The instruction sets that matter for arithmetic on large integers, of those that it has.
pub(crate) fn features() -> Vec<&'static str> {
    #[allow(unused_mut, reason = "processors of which nothing is known")]
    let mut features = Vec::new();
    macro_rules! detect {
        ($is_detected:ident: $($name:tt)*) => {
            $(if std::arch::$is_detected!($name) { features.push($name); })*
        };
    }
    #[cfg(target_arch = "x86_64")]
    detect!(is_x86_feature_detected: "bmi2" "adx" "avx2" "avx512f" "avx512ifma");
    #[cfg(target_arch = "aarch64")]
    detect!(is_aarch64_feature_detected: "neon" "sve" "sve2");
    features
}

/// The time that all threads of this program together have been running, if the operating system tells.
pub(crate) fn cpu_time() -> Option<Duration> {
    #[cfg(unix)]
    {
        use rustix::time::{ClockId, clock_gettime};
        Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).ok()
    }
    #[cfg(not(unix))]
    None
}
