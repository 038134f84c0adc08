//! Dates as people and programs spell them. Which of two numbers is the day, the whole column decides.

use super::words::compact;
use crate::vcard::PartialDate;

/// Which comes first where both would be possible, e.g. in `3/4/1985`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    DayFirst,
    MonthFirst,
    /// Nothing in the column tells.
    Unknown,
}

/// What a cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Date(PartialDate),
    /// Zeros, as Outlook writes them where there is no date.
    Nothing,
    /// Day or month first: nobody can tell.
    Ambiguous,
    /// Not a date that this code knows.
    Unread,
}

/// Decides for a column: a number above 12 shows where the day stands. Contradictions show that nothing is to be known.
pub(crate) fn order<'a>(cells: impl Iterator<Item = &'a str>) -> Order {
    let (mut day_first, mut month_first) = (false, false);
    for cell in cells {
        let Some(([first, second, _], '/' | '-')) = three_numbers(cell) else { continue };
        if first.1 > 2 {
            continue;
        }
        day_first |= first.0 > 12;
        month_first |= second.0 > 12;
    }
    match (day_first, month_first) {
        (true, false) => Order::DayFirst,
        (false, true) => Order::MonthFirst,
        _ => Order::Unknown,
    }
}

/// Reads a cell.
pub(crate) fn read(cell: &str, order: Order) -> Reading {
    let cell = without_time(cell.trim());
    let digits = cell.chars().filter(char::is_ascii_digit);
    if !cell.is_empty() && digits.clone().count() > 2 && digits.clone().all(|digit| digit == '0') {
        return Reading::Nothing;
    }
    if let Some(date) = PartialDate::from_text(cell) {
        return Reading::Date(date);
    }
    match three_numbers(cell) {
        Some(([year, month, day], _)) if year.1 == 4 => date(Some(year.0), month.0, day.0),
        Some(([_, _, (_, digits)], _)) if digits != 4 => Reading::Unread,
        // With dots, the day comes first wherever people write dates so.
        Some(([day, month, year], '.')) => date(Some(year.0), month.0, day.0),
        Some(([first, second, year], _)) => match order {
            _ if first.0 == second.0 => date(Some(year.0), first.0, second.0),
            _ if first.0 > 12 => date(Some(year.0), second.0, first.0),
            _ if second.0 > 12 => date(Some(year.0), first.0, second.0),
            Order::DayFirst => date(Some(year.0), second.0, first.0),
            Order::MonthFirst => date(Some(year.0), first.0, second.0),
            Order::Unknown => Reading::Ambiguous,
        },
        None => named_month(cell),
    }
}

/// A date from a year, a month and a day in columns of their own.
pub(crate) fn of_parts(year: &str, month: &str, day: &str) -> Option<PartialDate> {
    let number = |text: &str, max: u16| match text.trim() {
        "" => Some(None),
        text => text.parse::<u16>().ok().map(|number| (number > 0 && number <= max).then_some(number)),
    };
    let month_number = match month_by_name(&compact(month)) {
        Some(named) => Some(named),
        None => number(month, 12)?.map(|month| month as u8),
    };
    let (year, day) = (number(year, 9999)?, number(day, 31)?.map(|day| day as u8));
    (year.is_some() || month_number.is_some() || day.is_some()).then_some(PartialDate {
        year,
        month: month_number,
        day,
    })
}

/// Takes off a time of day: `1985-04-12 00:00:00`, `4/12/1985 12:00 AM`.
fn without_time(cell: &str) -> &str {
    match cell.split_once([' ', 'T']) {
        Some((date, time)) if time.contains(':') && date.contains(|char: char| char.is_ascii_digit()) => date,
        _ => cell,
    }
}

/// Splits `12.4.1985`, `4/12/1985`, `1985年4月12日` into numbers with the count of their digits, and the separator.
fn three_numbers(cell: &str) -> Option<([(u16, usize); 3], char)> {
    let cell = without_time(cell.trim());
    let mut numbers = [(0, 0); 3];
    let mut count = 0;
    let mut separator = ' ';
    for piece in cell.split(|char: char| !char.is_ascii_digit()).filter(|piece| !piece.is_empty()) {
        *numbers.get_mut(count)? = (piece.parse().ok()?, piece.len());
        count += 1;
    }
    for char in cell.chars().filter(|char| !char.is_ascii_digit() && !char.is_whitespace()) {
        let known = matches!(char, '/' | '.' | '-' | '年' | '月' | '日' | '년' | '월' | '일' | ',');
        if !known {
            return None;
        }
        if separator == ' ' {
            separator = char;
        }
    }
    (count == 3).then_some((numbers, separator))
}

fn date(year: Option<u16>, month: u16, day: u16) -> Reading {
    match (u8::try_from(month), u8::try_from(day)) {
        (Ok(month @ 1..=12), Ok(day @ 1..=31)) => {
            let omitted = year.filter(|year| *year != 1604 && *year > 0);
            Reading::Date(PartialDate { year: omitted, month: Some(month), day: Some(day) })
        }
        _ => Reading::Unread,
    }
}

/// `12 April 1985`, `April 12, 1985`, `12. Apr. 1985`, `12-Apr-1985`, `12 de abril de 1985`, `April 12`.
fn named_month(cell: &str) -> Reading {
    let (mut month, mut numbers) = (None, Vec::new());
    for word in cell.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let bare = word.trim_end_matches(|char: char| char.is_alphabetic());
        match (word.parse::<u16>(), month_by_name(&compact(word))) {
            (Ok(number), _) => numbers.push((number, word.len())),
            (_, Some(named)) if month.is_none() => month = Some(named),
            _ if word == "de" || word == "del" => {}
            // "12th"
            _ if !bare.is_empty() && word.len() - bare.len() <= 2 => match bare.parse() {
                Ok(number) => numbers.push((number, bare.len())),
                Err(_) => return Reading::Unread,
            },
            _ => return Reading::Unread,
        }
    }
    let Some(month) = month else { return Reading::Unread };
    match numbers[..] {
        [(day, _), (year, 4)] | [(year, 4), (day, _)] => date(Some(year), u16::from(month), day),
        [(day, 1 | 2)] => date(None, u16::from(month), day),
        [(year, 4)] => Reading::Date(PartialDate { year: Some(year), month: Some(month), day: None }),
        _ => Reading::Unread,
    }
}

fn month_by_name(word: &str) -> Option<u8> {
    if word.chars().count() < 3 || word.starts_with(|char: char| char.is_ascii_digit()) {
        return None;
    }
    let found = MONTHS.iter().position(|names| names.split('|').any(|name| word.starts_with(name)))?;
    u8::try_from(found + 1).ok()
}

/// How the names of months begin: English, German, French, Spanish, Italian, Dutch, Portuguese, Polish, Russian.
const MONTHS: [&str; 12] = [
    "jan|ene|gen|sty|янв",
    "feb|fev|lut|фев",
    "mar|maa|mrt|marz|мар",
    "apr|avr|abr|kwi|апр",
    "may|mai|mei|mag|maj|мая|маи",
    "jun|juin|giu|cze|июн",
    "jul|juil|lug|lip|июл",
    "aug|aou|ago|sie|авг",
    "sep|set|wrz|сен",
    "oct|okt|ott|out|paz|окт",
    "nov|lis|ноя",
    "dec|dez|dic|gru|дек",
];
