//! Fits the weights of a [`Model`] to labelled bookings, and calibrates it on others. Pure.

use super::model::{Grade, Model, grades, log_odds, prior};

/// A booking with its candidates and the truth.
#[derive(Clone, Debug)]
pub struct Case {
    /// Grades of each candidate.
    pub candidates: Vec<Vec<Grade>>,
    /// Grades of nobody.
    pub nobody: Vec<Grade>,
    /// The candidate who made the booking; none where nobody among them did.
    pub truth: Option<usize>,
}

/// How strongly weights are drawn to what they were before: rare grades must not say more than they have seen.
const RIDGE: f64 = 1.0;
/// Newton steps; it settles in eight or nine.
const STEPS: usize = 25;

/// The weights under which the truth is most likely: Newton's method on the ridge-penalised conditional likelihood,
/// which is concave, so that there is one best.
pub fn fit(cases: &[Case]) -> Vec<f64> {
    fit_from(cases, &prior(), RIDGE)
}

/// The same, drawn to these weights instead of to zero, and so strongly.
pub fn fit_from(cases: &[Case], from: &[f64], ridge: f64) -> Vec<f64> {
    let n = grades();
    let mut model = Model {
        weights: from.to_vec(),
        ..Model::default()
    };
    for _ in 0..STEPS {
        let off = model.weights.iter().zip(from);
        let mut gradient: Vec<f64> = off.map(|(w, from)| ridge * (from - w)).collect();
        let mut curvature = vec![0.0; n * n];
        for i in 0..n {
            add(&mut curvature, i * n + i, ridge);
        }
        for case in cases {
            slope(&model, case, n, &mut gradient, &mut curvature);
        }
        let Some(step) = solve(curvature, gradient, n) else {
            break;
        };
        let length = step.iter().map(|s| s * s).sum::<f64>().sqrt();
        // Far from the best the parabola misleads.
        let share = (10.0 / length.max(1e-12)).min(1.0);
        for (weight, step) in model.weights.iter_mut().zip(&step) {
            *weight += share * step;
        }
        if length < 1e-5 {
            break;
        }
    }
    model.weights
}

fn add(values: &mut [f64], at: usize, value: f64) {
    if let Some(cell) = values.get_mut(at) {
        *cell += value;
    }
}

/// Adds a case's share of gradient and curvature.
fn slope(model: &Model, case: &Case, n: usize, gradient: &mut [f64], curvature: &mut [f64]) {
    let shares = model.shares(&case.nobody, &case.candidates);
    let nobody = 1.0 - shares.iter().sum::<f64>();
    let options = || {
        shares
            .iter()
            .copied()
            .zip(&case.candidates)
            .enumerate()
            .map(|(number, (share, grades))| (Some(number), share, grades))
            .chain(std::iter::once((None, nobody, &case.nobody)))
    };
    let mut mean: Vec<(usize, f64)> = Vec::new();
    for (option, share, grades) in options() {
        let miss = f64::from(u8::from(option == case.truth)) - share;
        for grade in grades {
            add(gradient, usize::from(*grade), miss);
            mean.push((usize::from(*grade), share));
        }
        if share > 1e-7 {
            for a in grades {
                for b in grades {
                    add(curvature, usize::from(*a) * n + usize::from(*b), share);
                }
            }
        }
    }
    mean.sort_unstable_by_key(|(grade, _)| *grade);
    let mut merged: Vec<(usize, f64)> = Vec::new();
    for (grade, share) in mean {
        match merged.last_mut() {
            Some((last, sum)) if *last == grade => *sum += share,
            _ => merged.push((grade, share)),
        }
    }
    for (a, x) in &merged {
        for (b, y) in &merged {
            add(curvature, a * n + b, -x * y);
        }
    }
}

/// Solves a symmetric positive definite system by Cholesky's decomposition.
#[expect(clippy::indexing_slicing, reason = "i, j < n, and the matrix is n × n")]
fn solve(mut m: Vec<f64>, mut v: Vec<f64>, n: usize) -> Option<Vec<f64>> {
    for i in 0..n {
        for j in 0..=i {
            let mut sum = m[i * n + j];
            for k in 0..j {
                sum -= m[i * n + k] * m[j * n + k];
            }
            if i != j {
                m[i * n + j] = sum / m[j * n + j];
            } else if sum > 0.0 {
                m[i * n + i] = sum.sqrt();
            } else {
                return None;
            }
        }
    }
    for i in 0..n {
        for k in 0..i {
            v[i] -= m[i * n + k] * v[k];
        }
        v[i] /= m[i * n + i];
    }
    for i in (0..n).rev() {
        for k in i + 1..n {
            v[i] -= m[k * n + i] * v[k];
        }
        v[i] /= m[i * n + i];
    }
    Some(v)
}

/// Groups of equal size that calibration is read off.
const GROUPS: usize = 40;

/// The best candidate's share of each case, and whether it was right, as a rising line of log odds.
pub fn calibrate(model: &Model, cases: &[Case]) -> Vec<(f64, f64)> {
    let mut best: Vec<(f64, bool)> = cases
        .iter()
        .filter_map(|case| {
            let shares = model.shares(&case.nobody, &case.candidates);
            let (at, share) = shares
                .into_iter()
                .enumerate()
                .max_by(|a, b| a.1.total_cmp(&b.1))?;
            Some((share, case.truth == Some(at)))
        })
        .collect();
    best.sort_by(|a, b| a.0.total_cmp(&b.0));
    let size = best.len().div_ceil(GROUPS).max(1);
    // Pool adjacent violators: groups are joined until the share of right ones rises.
    let mut pools: Vec<(f64, f64, f64)> = Vec::new();
    for group in best.chunks(size) {
        let count = group.len() as f64;
        let x = group.iter().map(|(share, _)| log_odds(*share)).sum::<f64>();
        let right = group.iter().filter(|(_, right)| *right).count() as f64;
        pools.push((x, right, count));
        while let [.., (x0, r0, n0), (x1, r1, n1)] = pools.as_slice()
            && r0 / n0 >= r1 / n1
        {
            let joined = (x0 + x1, r0 + r1, n0 + n1);
            pools.truncate(pools.len() - 2);
            pools.push(joined);
        }
    }
    pools
        .into_iter()
        .map(|(x, right, count)| (x / count, log_odds((right + 0.25) / (count + 0.5))))
        .collect()
}
