//! Limits and cursors of lists.

use super::problem::{ApiError, ApiResult};

/// The largest page.
const MAX_LIMIT: u32 = 100;

/// A page size from a query, 1 to 100.
pub fn limit(given: Option<u32>, default: u32) -> ApiResult<u32> {
    match given {
        None => Ok(default),
        Some(limit @ 1..=MAX_LIMIT) => Ok(limit),
        Some(_) => Err(ApiError::invalid("limit", "must be 1 to 100")),
    }
}

/// An offset from a cursor.
pub fn offset(cursor: Option<&str>) -> ApiResult<u64> {
    let Some(cursor) = cursor else { return Ok(0) };
    let digits = cursor.strip_prefix('o').filter(|digits| digits.len() <= 9);
    digits
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| ApiError::invalid("cursor", "is not one of ours"))
}

/// The cursor that stands for an offset.
pub fn cursor(offset: u64) -> String {
    format!("o{offset}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_come_back_and_others_are_refused() {
        assert_eq!(offset(Some(&cursor(40))).unwrap(), 40);
        assert_eq!(offset(None).unwrap(), 0);
        for bad in ["", "40", "o", "o-1", "o99999999999999", "x1", "o1e3"] {
            assert!(offset(Some(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn limits_are_bounded() {
        assert_eq!(limit(None, 20).unwrap(), 20);
        assert!(limit(Some(0), 20).is_err());
        assert!(limit(Some(101), 20).is_err());
    }
}
