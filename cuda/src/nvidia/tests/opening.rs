//! What can be wrong with a driver or a GPU, and what is said of it.

use super::super::kernels::Kernels;
use super::super::{library, open_with};
use super::fake::{Fake, KERNELS, empty_library};
use crate::{Device, Error, Kind};

/// The error of opening the first GPU, and its sentence.
fn refusal(fake: &Fake) -> (Error, String) {
    refusal_with(fake, KERNELS)
}

fn refusal_with(fake: &Fake, kernels: Kernels) -> (Error, String) {
    let error = open_with(fake.path(), kernels, 0).unwrap_err();
    let text = error.to_string();
    (error, text)
}

#[test]
fn without_a_driver() {
    // SAFETY: libcuda's initialisers ask nothing of those who load it.
    let driver = unsafe { libloading::Library::new(library::NAME) };
    if driver.is_err() {
        for error in [
            Device::nvidia(0).unwrap_err(),
            Device::nvidia_count().unwrap_err(),
        ] {
            assert!(matches!(error, Error::NoDriver(_)), "{error:?}");
            let text = error.to_string();
            assert!(
                text.starts_with("no NVIDIA driver: ")
                    && text.contains(library::NAME)
                    && text.ends_with(". Install the driver, or use the CPU"),
                "{text}"
            );
        }
    }
    let error = open_with("/nowhere/libcuda.so.1", KERNELS, 0).unwrap_err();
    assert!(
        error.to_string().contains("/nowhere/libcuda.so.1"),
        "{error}"
    );
}

#[test]
fn stubs() {
    let fake = Fake::new();
    fake.set("init_code", 34);
    let (error, text) = refusal(&fake);
    assert!(matches!(error, Error::Stub(_)));
    assert_eq!(
        text,
        format!(
            "{} is a stub, not a driver: let the system find the driver's own libcuda first",
            fake.path()
        )
    );
    fake.set("init_code", 0).set("version_code", 34);
    assert!(matches!(refusal(&fake).0, Error::Stub(_)));
    assert!(matches!(refusal(&empty_library()).0, Error::Stub(_)));
}

#[test]
fn old_drivers() {
    let fake = Fake::new();
    fake.set("version", 12_090);
    let (error, text) = refusal(&fake);
    assert!(matches!(
        error,
        Error::DriverTooOld {
            found: 12_090,
            needed: 13_000
        }
    ));
    assert_eq!(
        text,
        "the NVIDIA driver supports CUDA 12.9, and 13.0 is needed: update the driver"
    );
    // What CUDA 12 compiled runs with any driver of CUDA 12 that has all functions.
    let kernels = Kernels {
        toolkit: 12_090,
        ..KERNELS
    };
    assert!(open_with(fake.set("version", 12_040).path(), kernels, 0).is_ok());
    let (_, text) = refusal_with(fake.set("version", 11_080), kernels);
    assert!(text.contains("CUDA 11.8, and 12.4 is needed"), "{text}");
}

#[test]
fn no_gpus() {
    let fake = Fake::new();
    fake.set("devices", 0);
    let (error, text) = refusal(&fake);
    assert!(matches!(error, Error::NoDevice(_)));
    if std::env::var_os("CUDA_VISIBLE_DEVICES").is_none() {
        assert_eq!(
            text,
            "the NVIDIA driver finds no GPU: cuDeviceGetCount: no CUDA-capable device is detected \
             (CUDA_ERROR_NO_DEVICE, 100)"
        );
    }
    // A driver says it at once where it sees that there is none.
    fake.set("init_code", 100);
    assert!(matches!(refusal(&fake).0, Error::NoDevice(_)));
}

#[test]
fn several_gpus() {
    let fake = Fake::new();
    let library = library::Library::load(fake.path(), 13_000).unwrap();
    assert_eq!(library.count().unwrap(), 2);
    let (first, second) = (fake.open(0).unwrap(), fake.open(1).unwrap());
    assert_eq!(first.info().name, "Fake 0");
    let info = second.info();
    assert_eq!(
        (info.kind, info.name.as_str(), info.ordinal, info.capability),
        (Kind::Nvidia, "Fake 1", 1, (9, 0))
    );
    assert_eq!(
        (info.multiprocessors, info.clock_khz, info.memory),
        (132, 1_980_000, 64 << 20)
    );
    assert_eq!(
        (info.shared_memory, info.driver_version),
        (227 << 10, 13_000)
    );

    let error = fake.open(2).unwrap_err();
    assert!(matches!(
        error,
        Error::NoSuchDevice {
            ordinal: 2,
            count: 2
        }
    ));
    assert_eq!(
        error.to_string(),
        "no GPU number 2: there are 2, counted from 0"
    );
}

#[test]
fn kernels_for_other_chips() {
    let fake = Fake::new();
    // Machine code runs on chips of its major version that are no older.
    assert!(fake.set("minor", 3).open(0).is_ok());
    let (error, text) = refusal(fake.set("major", 8).set("minor", 9));
    assert!(matches!(error, Error::NoKernels { arch: 89, .. }));
    assert_eq!(
        text,
        "this build has no kernels for Fake 0 (compute capability 8.9): it has them for sm_90, \
         compute_100. Build with ZKILN_CUDA_ARCHS=89"
    );
    // Newer chips compile PTX, if the driver knows as much of it as the compiler.
    assert!(fake.set("major", 12).set("minor", 0).open(0).is_ok());
    let newer = Kernels {
        toolkit: 13_010,
        ..KERNELS
    };
    let (error, _) = refusal_with(&fake, newer);
    assert!(matches!(
        error,
        Error::DriverTooOld {
            found: 13_000,
            needed: 13_010
        }
    ));
    assert!(open_with(fake.set("major", 9).path(), newer, 0).is_ok());
    assert!(
        open_with(
            fake.set("major", 12).set("version", 13_010).path(),
            newer,
            0
        )
        .is_ok()
    );
}

#[test]
fn kernels_that_the_driver_refuses() {
    for code in [209, 218, 221, 222, 223, 300] {
        let fake = Fake::new();
        let (error, _) = refusal(fake.set("load_code", code));
        assert!(matches!(error, Error::NoKernels { arch: 90, .. }), "{code}");
        // What was begun was undone.
        assert_eq!(fake.log().last().unwrap(), "release 0");
    }
    let broken = Kernels {
        families: &[super::super::kernels::Family {
            kernels: &["increment"],
            image: b"broken\0",
        }],
        ..KERNELS
    };
    let (error, text) = refusal_with(&Fake::new(), broken);
    assert!(matches!(error, Error::Driver { code: 200, .. }));
    assert_eq!(
        text,
        "cuModuleLoadData: the driver has no words for it (unknown, 200)"
    );
}

#[test]
fn builds_without_kernels() {
    let none = Kernels {
        families: &[],
        archs: &[],
        toolkit: 0,
    };
    let (error, text) = refusal_with(&Fake::new(), none);
    assert!(matches!(error, Error::NotBuilt(_)));
    assert!(
        text.starts_with("this build has no kernels for GPUs: build with nvcc"),
        "{text}"
    );
}

#[test]
fn other_failures_have_the_drivers_words() {
    let fake = Fake::new();
    let (error, text) = refusal(fake.set("init_code", 803));
    assert!(matches!(
        error,
        Error::Driver {
            call: "cuInit",
            code: 803,
            ..
        }
    ));
    assert_eq!(
        text,
        "cuInit: system has unsupported display driver / cuda driver combination \
         (CUDA_ERROR_SYSTEM_DRIVER_MISMATCH, 803)"
    );
}

#[test]
fn the_threads_context_is_left_alone() {
    let fake = Fake::new();
    let (first, second) = (fake.open(0).unwrap(), fake.open(1).unwrap());
    assert_eq!(fake.current(), 0);
    // Another user of CUDA on this thread, at work on the second GPU.
    let stream = second.stream().unwrap();
    let theirs = 0x1000;
    fake.set_current(theirs);
    drop(first.stream().unwrap());
    assert_eq!(fake.current(), theirs);
    stream.upload(&[1u32]).unwrap();
    assert_eq!(fake.current(), theirs);
    fake.set_current(0);
}

#[test]
fn what_was_opened_is_closed() {
    let fake = Fake::new();
    let device = fake.open(1).unwrap();
    let stream = device.stream().unwrap();
    drop(device);
    assert_eq!(fake.count("release"), 0);
    drop(stream);
    let log = fake.log();
    assert_eq!(
        log[log.len() - 4..],
        [
            "destroy s1",
            "unload FAKE:nothing",
            "pool destroyed",
            "release 1"
        ]
    );
}
