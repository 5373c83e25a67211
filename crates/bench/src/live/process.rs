//! The server's process: started, found again on its port, killed; and what it uses, by `/proc`.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// How long a server may take until it listens.
const PATIENCE: Duration = Duration::from_secs(60);
/// The kernel's unit of CPU time as it tells it (`USER_HZ`): 100 a second on every Linux of interest.
const TICKS: f64 = 100.0;

/// How a server is started.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// Program and arguments, split at white space; `{port}` stands for the port, `{folder}` for an empty folder.
    pub command: String,
    /// The core it is held to.
    pub core: Option<u32>,
    /// The port, also in the environment as `PORT` beside `HOST`. 0 leaves it to the server, which then has to say it.
    pub port: u16,
}

impl Recipe {
    /// The same with a folder of its own, which is removed with the second value.
    ///
    /// # Errors
    /// When there is no room for one.
    pub fn in_folder(&self) -> Result<(Self, TempDir)> {
        let folder = tempfile::Builder::new().prefix("codementor-bench-").tempdir()?;
        let path = folder.path().to_str().filter(|path| !path.contains(char::is_whitespace));
        let path = path.context("the path of temporary files has a space")?;
        Ok((Self { command: self.command.replace("{folder}", path), ..self.clone() }, folder))
    }
}

/// A server that dies with its owner.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Its process.
    pub pid: u32,
    /// Where it listens: `http://…`.
    pub origin: String,
}

impl Server {
    /// Starts it and waits until it says `listening on URL`, or its port takes connections.
    ///
    /// # Errors
    /// When it cannot be started, ends, or does neither in time.
    pub async fn start(recipe: &Recipe) -> Result<Self> {
        let line = recipe.command.replace("{port}", &recipe.port.to_string());
        let mut words = line.split_whitespace().map(str::to_owned);
        let mut program = words.next().context("no command to start")?;
        let mut args: Vec<String> = words.collect();
        if let Some(core) = recipe.core.filter(|_| has_taskset()) {
            args.splice(0..0, ["-c".to_owned(), core.to_string(), program]);
            program = "taskset".to_owned();
        }
        let mut command = Command::new(program);
        command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        if recipe.port > 0 {
            command.env("HOST", "127.0.0.1").env("PORT", recipe.port.to_string());
        }
        let mut child = command.spawn().with_context(|| format!("starting {line}"))?;
        let pid = child.id().context("it ended at once")?;
        let lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        let told = tokio::time::timeout(PATIENCE, ready(lines, &mut child, recipe.port));
        let origin = told.await.context("it does not listen")??;
        Ok(Self { child, pid, origin })
    }

    /// Ends it without a chance to say goodbye, and waits until it is gone.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub async fn kill(mut self) -> Result<()> {
        kill(pid(self.pid)?, Signal::SIGKILL)?;
        self.child.wait().await?;
        Ok(())
    }
}

type Lines = tokio::io::Lines<BufReader<tokio::process::ChildStdout>>;

async fn ready(mut lines: Lines, child: &mut Child, port: u16) -> Result<String> {
    let mut again = tokio::time::interval(Duration::from_millis(20));
    loop {
        tokio::select! {
            line = lines.next_line() => match line? {
                Some(line) => if let Some(origin) = announced(&line) {
                    read_on(lines);
                    return Ok(origin);
                },
                None => bail!("the server ended: {}", child.wait().await?),
            },
            _ = again.tick(), if port > 0 => {
                if TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).await.is_ok() {
                    read_on(lines);
                    return Ok(format!("http://127.0.0.1:{port}"));
                }
            }
        }
    }
}

/// The origin behind `listening on`, whatever stands around it.
fn announced(line: &str) -> Option<String> {
    let (_, url) = line.split_once("listening on ")?;
    let url = url.split_whitespace().next()?.trim_end_matches('/');
    let address = url.strip_prefix("ws://").or_else(|| url.strip_prefix("http://"))?;
    Some(format!("http://{address}"))
}

/// A server whose output nobody reads would stop at a full pipe.
fn read_on(mut lines: Lines) {
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
}

fn has_taskset() -> bool {
    let found = std::process::Command::new("taskset").arg("--version").stdout(Stdio::null()).status();
    found.is_ok_and(|status| status.success())
}

fn pid(pid: u32) -> Result<Pid> {
    let pid = i32::try_from(pid)?;
    ensure!(pid > 1, "{pid} is no server");
    Ok(Pid::from_raw(pid))
}

/// A port that nobody uses now.
///
/// # Errors
/// When there is none.
pub fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// CPU seconds that a process has used, in all its threads, those that ended included; its children's are not in it.
///
/// # Errors
/// When there is no such process.
pub fn cpu_seconds(pid: u32) -> Result<f64> {
    let stat =
        std::fs::read_to_string(format!("/proc/{pid}/stat")).with_context(|| format!("process {pid}"))?;
    // The name before the last parenthesis may hold anything.
    let (_, fields) = stat.rsplit_once(')').context("no fields")?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut next = || -> Result<f64> { Ok(fields.next().context("too few fields")?.parse()?) };
    Ok((next()? + next()?) / TICKS)
}

/// Seconds that the threads a process has now were ready to run and had no core: what neighbours and the load took from it. Where the
/// kernel does not count that, 0.
#[must_use]
pub fn waited_seconds(pid: u32) -> f64 {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return 0.0 };
    let waited = |thread: std::fs::DirEntry| {
        let counts = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        counts.split_whitespace().nth(1)?.parse::<f64>().ok()
    };
    threads.flatten().filter_map(waited).sum::<f64>() / 1e9
}

/// Bytes of memory that a process has resident. What the kernel holds for its sockets is not in it.
///
/// # Errors
/// When there is no such process.
pub fn resident_bytes(pid: u32) -> Result<u64> {
    let status =
        std::fs::read_to_string(format!("/proc/{pid}/status")).with_context(|| format!("process {pid}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes * 1024)
}

/// Asks for as many open files as the system gives.
pub fn raise_open_files() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard
    {
        // Where it is refused, connecting will say so.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_servers_announce() {
        for (line, origin) in [
            ("listening on ws://127.0.0.1:7", Some("http://127.0.0.1:7")),
            ("INFO listening on http://127.0.0.1:7/ at once", Some("http://127.0.0.1:7")),
            ("running at 'localhost' on port 1234", None),
            ("listening on unix:/x", None),
        ] {
            assert_eq!(announced(line).as_deref(), origin);
        }
    }

    #[test]
    fn reads_its_own_usage() {
        let me = std::process::id();
        assert!(resident_bytes(me).unwrap() > 100_000);
        let before = cpu_seconds(me).unwrap();
        let mut sum = 0_u64;
        while cpu_seconds(me).unwrap() < before + 0.02 {
            sum = (0..100_000_u64).fold(sum, u64::wrapping_add);
        }
        assert!(cpu_seconds(0).is_err());
        assert!(waited_seconds(me) >= 0.0);
    }
}
