//! A proof with any one thing in it changed.

use zkiln::field::Field;
use zkiln::stark::Proof;
use zkiln::stark::config::{Digest, StarkConfig};
use zkiln::stark::proof::{FoldingOpening, InputOpening};

/// Every list without its last item, with that twice, with the first two exchanged, and empty; every value changed;
/// every optional row there or not.
pub(crate) fn mutations<C: StarkConfig>(honest: &Proof<C>) -> Vec<(String, Proof<C>)> {
    let mut all = Mutations {
        honest,
        changed: Vec::new(),
    };
    let (opened, fri) = (&honest.opened, &honest.fri);
    all.list("trace cap", digest::<C>, |p| &mut p.commitments.trace);
    all.list("quotient cap", digest::<C>, |p| &mut p.commitments.quotient);
    all.list("row", one_more, |p| &mut p.opened.trace.local);
    if opened.trace.next.is_some() {
        all.list("next row", one_more, |p| {
            p.opened.trace.next.as_mut().unwrap()
        });
    }
    if let Some(rows) = &opened.preprocessed {
        all.list("preprocessed row", one_more, |p| {
            &mut p.opened.preprocessed.as_mut().unwrap().local
        });
        if rows.next.is_some() {
            all.list("next preprocessed row", one_more, |p| {
                p.opened
                    .preprocessed
                    .as_mut()
                    .unwrap()
                    .next
                    .as_mut()
                    .unwrap()
            });
        }
    }
    all.list("chunks", longer, |p| &mut p.opened.quotient);
    for i in 0..opened.quotient.len() {
        all.list(&format!("chunk {i}"), one_more, |p| {
            &mut p.opened.quotient[i]
        });
    }

    all.list("rounds' caps", longer, |p| &mut p.fri.commit_caps);
    for i in 0..fri.commit_caps.len() {
        all.list(&format!("cap of round {i}"), digest::<C>, |p| {
            &mut p.fri.commit_caps[i]
        });
    }
    all.list("rounds' witnesses", one_more, |p| {
        &mut p.fri.commit_witnesses
    });
    all.list(
        "inputs",
        |o: &mut InputOpening<_, _>| drop(o.rows.pop()),
        |p| &mut p.fri.input_openings,
    );
    for (i, opening) in fri.input_openings.iter().enumerate() {
        let siblings = format!("siblings of input {i}");
        all.list(&siblings, digest::<C>, |p| {
            &mut p.fri.input_openings[i].siblings
        });
        let queries = format!("queries of input {i}");
        all.list(&queries, longer, |p| &mut p.fri.input_openings[i].rows);
        for (q, rows) in opening.rows.iter().enumerate() {
            let matrices = format!("matrices of query {q} of input {i}");
            all.list(&matrices, longer, |p| &mut p.fri.input_openings[i].rows[q]);
            for m in 0..rows.len() {
                let row = format!("row {m} of query {q} of input {i}");
                all.list(&row, one_more, |p| &mut p.fri.input_openings[i].rows[q][m]);
            }
        }
    }
    all.list(
        "rounds",
        |o: &mut FoldingOpening<_, _>| drop(o.values.pop()),
        |p| &mut p.fri.folding_openings,
    );
    for (i, opening) in fri.folding_openings.iter().enumerate() {
        let siblings = format!("siblings of round {i}");
        all.list(&siblings, digest::<C>, |p| {
            &mut p.fri.folding_openings[i].siblings
        });
        let queries = format!("queries of round {i}");
        all.list(&queries, longer, |p| &mut p.fri.folding_openings[i].values);
        for q in 0..opening.values.len() {
            let row = format!("row of query {q} of round {i}");
            all.list(&row, one_more, |p| &mut p.fri.folding_openings[i].values[q]);
        }
    }
    all.list("final polynomial", one_more, |p| &mut p.fri.final_poly);

    all.change("witness of batching", |p| {
        p.fri.batch_witness += C::Val::ONE
    });
    all.change("witness of the queries", |p| {
        p.fri.query_witness += C::Val::ONE
    });
    all.change("witness of the point", |p| p.ood_witness += C::Val::ONE);
    for degree in [0, 1, 2, 5, 31, 32, 63, 64, u32::MAX] {
        all.change(&format!("degree {degree}"), |p| p.degree_bits = degree);
    }
    all.change("a next row or none", |p| {
        p.opened.trace.next = match p.opened.trace.next {
            Some(_) => None,
            None => Some(p.opened.trace.local.clone()),
        };
    });
    all.change("preprocessed rows or none", |p| {
        p.opened.preprocessed = match p.opened.preprocessed {
            Some(_) => None,
            None => Some(p.opened.trace.clone()),
        };
    });
    all.change("a next preprocessed row or none", |p| {
        if let Some(rows) = &mut p.opened.preprocessed {
            rows.next = match rows.next {
                Some(_) => None,
                None => Some(rows.local.clone()),
            };
        }
    });
    all.changed
}

struct Mutations<'a, C: StarkConfig> {
    honest: &'a Proof<C>,
    changed: Vec<(String, Proof<C>)>,
}

impl<C: StarkConfig> Mutations<'_, C> {
    fn change(&mut self, what: &str, change: impl FnOnce(&mut Proof<C>)) {
        let mut proof = self.honest.clone();
        change(&mut proof);
        // Where there is nothing to exchange or to leave out.
        if proof != *self.honest {
            self.changed.push((what.to_owned(), proof));
        }
    }

    fn list<T: Clone>(
        &mut self,
        what: &str,
        other: impl Fn(&mut T),
        at: impl Fn(&mut Proof<C>) -> &mut Vec<T>,
    ) {
        self.change(&format!("{what}: the last left out"), |p| drop(at(p).pop()));
        self.change(&format!("{what}: empty"), |p| at(p).clear());
        self.change(&format!("{what}: the last twice"), |p| {
            let last = at(p).last().cloned();
            at(p).extend(last);
        });
        self.change(&format!("{what}: the first two exchanged"), |p| {
            if let [first, second, ..] = at(p).as_mut_slice() {
                core::mem::swap(first, second);
            }
        });
        for i in 0..at(&mut self.honest.clone()).len() {
            self.change(&format!("{what}: {i} changed"), |p| other(&mut at(p)[i]));
        }
    }
}

fn one_more<F: Field>(value: &mut F) {
    *value += F::ONE;
}

fn longer<T: Clone>(list: &mut Vec<T>) {
    list.extend(list.last().cloned());
}

/// One bit of the first byte, which leaves elements reduced or is hashed nowhere.
fn digest<C: StarkConfig>(digest: &mut Digest<C>) {
    bytemuck::bytes_of_mut(digest)[0] ^= 1;
}
