//! Charts drawn here: bars side by side as SVG, coloured by the style sheet, each with its table.

/// The size of the drawing, in its own units.
const WIDTH: i64 = 720;
const HEIGHT: i64 = 180;
/// Below the bars, for the labels.
const FOOT: i64 = 24;
/// Above them.
const HEAD: i64 = 8;

/// One row of bars.
pub struct Series {
    /// What it shows.
    pub name: String,
    values: Vec<i64>,
    /// The values as they are read.
    shown: Vec<String>,
}

impl Series {
    /// Values and how each is read.
    pub fn new(name: &str, (values, shown): (Vec<i64>, Vec<String>)) -> Self {
        Self {
            name: name.to_owned(),
            values,
            shown,
        }
    }
}

/// A bar.
pub struct Bar {
    pub x: i64,
    pub y: i64,
    pub width: i64,
    pub height: i64,
    /// Which series it belongs to: 0, 1, …
    pub series: usize,
}

/// A label below the bars.
pub struct Label {
    pub x: i64,
    pub text: String,
}

/// A line of the table.
pub struct TableRow {
    pub label: String,
    pub values: Vec<String>,
}

/// A chart ready to be drawn.
pub struct Chart {
    pub title: String,
    /// What the labels are.
    pub axis: String,
    pub series: Vec<String>,
    pub bars: Vec<Bar>,
    pub labels: Vec<Label>,
    pub rows: Vec<TableRow>,
}

impl Chart {
    /// Bars of some series, label by label.
    pub fn new(title: &str, axis: &str, labels: &[String], series: Vec<Series>) -> Self {
        let count = i64::try_from(labels.len()).unwrap_or(1).max(1);
        let sets = i64::try_from(series.len()).unwrap_or(1).max(1);
        let most = series.iter().flat_map(|set| set.values.iter().copied());
        let most = most.max().unwrap_or(0).max(1);
        let step = WIDTH / count;
        let width = ((step * 7 / 10) / sets).max(1);
        let mut bars = Vec::new();
        for (set, own) in series.iter().enumerate() {
            for (index, value) in own.values.iter().enumerate() {
                let (set_at, at) = (i64::try_from(set), i64::try_from(index));
                let (Ok(set_at), Ok(at)) = (set_at, at) else {
                    continue;
                };
                let height = scaled((*value).max(0), most);
                bars.push(Bar {
                    x: at * step + step * 15 / 100 + set_at * width,
                    y: HEIGHT - FOOT - height,
                    width,
                    height,
                    series: set,
                });
            }
        }
        // As many labels as can be read beside each other.
        let every = (count / 9 + 1).max(1);
        let told = labels.iter().enumerate().filter_map(|(index, text)| {
            let at = i64::try_from(index).ok()?;
            (at % every == 0).then(|| Label {
                x: at * step + step / 2,
                text: text.clone(),
            })
        });
        let rows = labels.iter().enumerate().map(|(index, label)| TableRow {
            label: label.clone(),
            values: series
                .iter()
                .map(|set| set.shown.get(index).cloned().unwrap_or_default())
                .collect(),
        });
        Self {
            title: title.to_owned(),
            axis: axis.to_owned(),
            bars,
            labels: told.collect(),
            rows: rows.collect(),
            series: series.into_iter().map(|set| set.name).collect(),
        }
    }

    /// The drawing's own units.
    pub fn view_box(&self) -> String {
        format!("0 0 {WIDTH} {HEIGHT}")
    }

    /// Where the bars stand.
    pub fn ground(&self) -> i64 {
        HEIGHT - FOOT
    }

    /// The ground's right end.
    pub fn width(&self) -> i64 {
        WIDTH
    }

    /// Where the labels are written.
    pub fn label_y(&self) -> i64 {
        HEIGHT - 6
    }
}

/// A value as a height; what is not nothing is seen.
fn scaled(value: i64, most: i64) -> i64 {
    let room = i128::from(HEIGHT - FOOT - HEAD);
    let height = i128::from(value) * room / i128::from(most);
    i64::try_from(height).unwrap_or(0).max(i64::from(value > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stand_beside_each_other_and_inside_the_drawing() {
        let labels: Vec<String> = (0..53).map(|week| format!("week {week}")).collect();
        let values = |factor: i64| {
            let values: Vec<i64> = (0..53).map(|week| week * factor).collect();
            let shown = values.iter().map(ToString::to_string).collect();
            (values, shown)
        };
        let sets = vec![
            Series::new("made", values(1_000_000_000_000)),
            Series::new("taken", values(1)),
        ];
        let chart = Chart::new("Offers", "Week", &labels, sets);
        assert_eq!(chart.bars.len(), 106);
        assert_eq!(chart.rows[7].values, ["7000000000000", "7"]);
        for bar in &chart.bars {
            assert!(bar.x >= 0 && bar.x + bar.width <= WIDTH);
            assert!(bar.y >= HEAD && bar.y + bar.height == HEIGHT - FOOT);
        }
        // Nothing is drawn as nothing, little as a little.
        assert_eq!(chart.bars[0].height, 0);
        assert_eq!(chart.bars[54].height, 1);
        assert!(chart.labels.len() <= 11);
    }
}
