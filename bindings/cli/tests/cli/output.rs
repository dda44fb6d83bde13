//! Output files: all or none, and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::run::{Run, data, listing, zkiln};

fn prove(key: &Path, out: &Path) -> Run {
    let witness = data("multiplier", "witness.wtns");
    zkiln([Path::new("prove"), key, &witness, Path::new("-o"), out])
}

fn good_key() -> PathBuf {
    data("multiplier", "circuit.zkey")
}

/// A key that opens, and whose proofs do not verify: the last thing that can go wrong.
fn late_failure(dir: &Path) -> PathBuf {
    let mut witness = fs::read(data("multiplier", "witness.wtns")).unwrap();
    let last = witness.len() - 32;
    witness[last] ^= 1;
    let path = dir.join("unsatisfied.wtns");
    fs::write(&path, witness).unwrap();
    path
}

#[test]
fn directories_are_created_and_removed_again() {
    let dir = TempDir::new().unwrap();
    let deep = dir.path().join("a/b/c");
    prove(&good_key(), &deep).done();
    assert_eq!(listing(&deep), ["proof.json", "public.json"]);
    fs::remove_dir_all(dir.path().join("a")).unwrap();

    prove(&data("multiplier", "no_contribution.zkey"), &deep).refused("insecure");
    assert!(listing(dir.path()).is_empty());

    let witness = late_failure(dir.path());
    zkiln([
        Path::new("prove"),
        &good_key(),
        &witness,
        Path::new("-o"),
        &deep,
    ])
    .refused("satisfy");
    assert_eq!(listing(dir.path()), ["unsatisfied.wtns"]);
}

#[test]
fn existing_files_are_replaced_on_success_only() {
    let dir = TempDir::new().unwrap();
    let [proof, public] = ["proof.json", "public.json"].map(|name| dir.path().join(name));
    fs::write(&proof, "old proof").unwrap();
    fs::write(&public, "old public").unwrap();
    prove(&data("multiplier", "no_contribution.zkey"), dir.path()).refused("insecure");
    assert_eq!(fs::read_to_string(&proof).unwrap(), "old proof");
    assert_eq!(fs::read_to_string(&public).unwrap(), "old public");
    prove(&good_key(), dir.path()).done();
    assert_eq!(listing(dir.path()), ["proof.json", "public.json"]);
    assert_eq!(
        fs::read(&public).unwrap(),
        fs::read(data("multiplier", "public.json")).unwrap()
    );
}

#[test]
fn places_that_cannot_be_written() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    prove(&good_key(), &file).refused("file");
    prove(&good_key(), &file.join("below")).refused("file");
    if Path::new("/proc/self").exists() {
        prove(&good_key(), Path::new("/proc/zkiln")).refused("/proc/zkiln");
    }
    let key = good_key();
    let export = |out: &Path| {
        zkiln([
            Path::new("export"),
            Path::new("vkey"),
            &key,
            Path::new("-o"),
            out,
        ])
    };
    export(dir.path()).refused("is a directory");
    export(&dir.path().join("missing/vkey.json")).refused("missing");
    export(&key).refused("another file of this command");
    if cfg!(unix) {
        export(Path::new("/dev/null")).refused("not a regular file");
    }

    // One of two targets is in the way: the other is not written.
    let taken = dir.path().join("taken");
    fs::create_dir_all(taken.join("public.json")).unwrap();
    prove(&good_key(), &taken).refused("public.json");
    assert_eq!(listing(&taken), ["public.json"]);
}

#[test]
#[cfg(unix)]
fn links_stay_links_and_files_have_the_usual_permissions() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let dir = TempDir::new().unwrap();
    let [target, link] = ["target", "link"].map(|name| dir.path().join(name));
    fs::write(&target, "old").unwrap();
    symlink(&target, &link).unwrap();
    let key = good_key();
    zkiln([
        Path::new("export"),
        Path::new("vkey"),
        &key,
        Path::new("-o"),
        &link,
    ])
    .done();
    assert!(link.is_symlink());
    assert!(fs::read_to_string(&target).unwrap().contains("vk_alpha_1"));

    let usual = dir.path().join("usual");
    fs::write(&usual, "").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&target), mode(&usual));
}
