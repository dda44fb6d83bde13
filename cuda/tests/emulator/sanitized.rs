//! What the compiler's own sanitizers find, in a build that has them: see `emulator/README.md`.

use std::env;
use std::process::Command;

use crate::{run, stream};

const VARIABLE: &str = "ZKILN_TEST_SANITIZED";

#[test]
fn reports_end_the_process() {
    for (case, report) in [
        ("bounds", "heap-buffer-overflow"),
        ("aligned", "misaligned address"),
        ("undefined", "shift exponent 32 is too large"),
        ("none", ""),
    ] {
        let child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "sanitized::does_what_it_is_told", "--ignored"])
            .env(VARIABLE, case)
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&child.stderr);
        assert_eq!(child.status.success(), case == "none", "{errors}");
        assert!(errors.contains(report), "{errors}");
    }
}

/// The child of the test above.
#[test]
#[ignore = "ends the process"]
fn does_what_it_is_told() {
    let case = env::var(VARIABLE).unwrap_or_default();
    let stream = stream(false, 0);
    let n = 100u32;
    let values = stream.upload(&vec![1u64; n as usize]).unwrap();
    let mut out = stream.zeros::<u64>(n as usize).unwrap();
    let wrong = u32::from(case != "none");
    match &*case {
        "aligned" => {
            let call = stream.call("faults_aligned").arg(&values).arg(&mut out);
            run(&stream, call.arg(wrong)).unwrap();
        }
        "undefined" => {
            let call = stream.call("faults_undefined").arg(&mut out);
            run(&stream, call.arg(2u32).arg(wrong)).unwrap();
        }
        _ => {
            let call = stream.call("faults_bounds").blocks(4).threads(64);
            let call = call.arg(&values).arg(&mut out).arg(2 * n).arg(wrong);
            run(&stream, call).unwrap();
        }
    }
}
