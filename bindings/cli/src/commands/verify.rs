//! `zkiln verify`

use std::iter;
use std::path::{Path, PathBuf};

use serde_json::json;
use tracing::info_span;
use zkiln::groth16::{PreparedVerifyingKey, Proof, PublicInputs};
use zkiln::{Error, Result};

use crate::args::Verify;
use crate::input;
use crate::report::{Report, path_text};

pub(crate) fn run(args: &Verify) -> Result<Report> {
    let (pairs, rest) = args.pairs.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(Error::Argument(
            "proofs and public inputs come in pairs: PUBLIC.json PROOF.json for each".into(),
        ));
    }
    let inputs = iter::once(&args.key).chain(&args.pairs);
    input::require_files(&inputs.map(PathBuf::as_path).collect::<Vec<_>>())?;
    let key = {
        let _span = info_span!("load key").entered();
        PreparedVerifyingKey::new(&input::secure_verifying_key(&args.key)?)?
    };
    let proofs = {
        let _span = info_span!("read proofs").entered();
        pairs
            .iter()
            .map(|pair| read(pair, &key, &args.key))
            .collect::<Result<Vec<_>>>()?
    };
    let _span = info_span!("verify").entered();
    // Only a batch that is not valid as a whole is looked at one by one.
    let all_valid = proofs.len() > 1 && key.verify_batch(&proofs)?;
    let invalid = if all_valid {
        Vec::new()
    } else {
        key.invalid_proofs(&proofs)?
    };

    let is_valid = |i: &usize| invalid.binary_search(i).is_err();
    let verdicts = pairs.iter().enumerate().map(|(i, [public, proof])| {
        json!({"public": path_text(public), "proof": path_text(proof), "valid": is_valid(&i)})
    });
    let fields = json!({
        "valid": invalid.is_empty(),
        "proofs": verdicts.collect::<Vec<_>>(),
    });
    let summary = match (invalid.as_slice(), pairs) {
        ([], [_]) => "valid\n".to_owned(),
        ([], _) => format!("valid: all {} proofs\n", pairs.len()),
        (_, [_]) => "NOT valid\n".to_owned(),
        _ => (invalid.iter())
            .map(|&i| format!("NOT valid: {}\n", pairs[i][1].display()))
            .collect(),
    };
    Ok(Report {
        invalid: !invalid.is_empty(),
        ..Report::new(fields, summary)
    })
}

fn read(
    [public_path, proof_path]: &[PathBuf; 2],
    key: &PreparedVerifyingKey,
    key_path: &Path,
) -> Result<(PublicInputs, Proof)> {
    let public = PublicInputs::open(public_path)?;
    let expected = key.key().public_count();
    if public.len() != expected {
        // The library would say so too, but it does not know the files.
        return Err(Error::PublicInputs(format!(
            "{}: {} values, where {} takes {expected}",
            public_path.display(),
            public.len(),
            key_path.display()
        )));
    }
    Ok((public, Proof::open(proof_path)?))
}
