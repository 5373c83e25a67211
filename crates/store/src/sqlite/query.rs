//! The few shapes of a statement: one row, all rows, a change. Every statement is prepared once a connection.

use rusqlite::types::FromSql;
use rusqlite::{Connection, Params, Row};

use super::fault::DbResult;

/// The first row of a query, if any.
pub(super) fn one<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> DbResult<T>,
) -> DbResult<Option<T>> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query_and_then(params, read)?;
    rows.next().transpose()
}

/// Every row of a query. The query bounds them.
pub(super) fn all<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> DbResult<T>,
) -> DbResult<Vec<T>> {
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_and_then(params, read)?;
    rows.collect()
}

/// Runs a statement and says how many rows it changed.
pub(super) fn change(conn: &Connection, sql: &str, params: impl Params) -> DbResult<usize> {
    Ok(conn.prepare_cached(sql)?.execute(params)?)
}

/// Reads a row's first column as it is.
pub(super) fn first<T: FromSql>(row: &Row<'_>) -> DbResult<T> {
    Ok(row.get(0)?)
}
