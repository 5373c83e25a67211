//! The box from inside: what its first process does between the fork and the program, and until the program and all it left behind
//! are gone. It runs in a forked child of a single-threaded process and never returns.

use std::ffi::CString;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{self, Gid, Pid, Uid};

use super::limits::Counting;
use super::seccomp::Filters;
use super::setup::{NONE, Power, step, swap_root, write_maps};
use super::{limits, lock};
use crate::sys::{self, Forked};
use crate::wire::{self, Collect, FromBox, Given, Got, ProcView, Run, Standard, Wait};

/// The namespaces a box begins with. That of control groups follows when it has entered its own, that of users when it needs no
/// more privileges.
pub(super) const NAMESPACES: u64 =
    (libc::CLONE_NEWPID | libc::CLONE_NEWNS | libc::CLONE_NEWNET | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS)
        as u64;

/// The user and group a program sees itself as.
const INSIDE_ID: u32 = 1000;
/// The socket to the launcher, out of the program's way and closed when it starts.
const CONTROL: RawFd = 4;
/// Descriptors 0 to 3 are the program's.
const PROGRAM_DESCRIPTORS: usize = 4;

/// What a box is built from.
#[derive(Debug, Clone)]
pub(super) struct Plan<'a> {
    /// Its root folder, seen from the launcher.
    pub root: PathBuf,
    /// Size of its work folder, in KiB.
    pub disk_kb: u32,
    /// Which user it runs as.
    pub power: Power,
    /// Its number, below 256.
    pub slot: u32,
    /// Control group files to write `0` into.
    pub doors: Vec<PathBuf>,
    /// The system call filter.
    pub filters: &'a Filters,
}

impl Plan<'_> {
    fn counting(&self) -> Counting {
        if self.doors.is_empty() { Counting::Sampler } else { Counting::Group }
    }
}

/// Builds the box around this process, waits for a run, runs it and ends.
pub(super) fn live(plan: &Plan<'_>, control: OwnedFd) -> ! {
    let Ok(control) = sys::keep_only(control, CONTROL) else { sys::exit_now(1) };
    let lived = catch_unwind(AssertUnwindSafe(|| {
        let (host, _) = build(plan)?;
        let (proc, work) = (File::open("/proc")?, File::open("/box")?);
        tell(&control, &FromBox::Ready, &[proc.as_fd(), work.as_fd()])?;
        serve(plan, &control, host)
    }));
    let message = match lived {
        Ok(Ok(())) => sys::exit_now(0),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "panic in the box".to_owned(),
    };
    let _ = tell(&control, &FromBox::Failed(message), &[]);
    sys::exit_now(1)
}

/// Builds the box around this process as for a run, as far as its program could get, and says what it has got.
pub(super) fn rehearse(plan: &Plan<'_>, control: OwnedFd) -> ! {
    let Ok(control) = sys::keep_only(control, CONTROL) else { sys::exit_now(1) };
    let tried = catch_unwind(AssertUnwindSafe(|| -> io::Result<Got> {
        let (host, proc) = build(plan)?;
        let user_namespace = drop_privileges(plan, host, &[])?;
        let landlock = step("restrict files", lock::lock(None))?;
        step("load the system call filter", plan.filters.load(Standard::Files))?;
        Ok(Got { proc, user_namespace, landlock })
    }));
    let message = match tried {
        Ok(Ok(got)) => FromBox::Rehearsed(got),
        Ok(Err(error)) => FromBox::Failed(error.to_string()),
        Err(_) => FromBox::Failed("panic in the box".to_owned()),
    };
    let _ = tell(&control, &message, &[]);
    sys::exit_now(0)
}

fn tell(control: &OwnedFd, message: &FromBox, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
    step("tell the launcher", wire::send(control.as_fd(), message, descriptors, Wait::Yes))
}

/// Mounts what is the box's own, and makes the language's root folder its root. Returns the host's view of this process.
fn build(plan: &Plan<'_>) -> io::Result<(File, ProcView)> {
    step("hide from other processes", prctl::set_dumpable(false))?;
    step("die with the launcher", prctl::set_pdeathsig(Signal::SIGKILL))?;
    for door in &plan.doors {
        step("enter the control group", fs::write(door, "0"))?;
    }
    step("hide other control groups", unshare(CloneFlags::CLONE_NEWCGROUP))?;
    step("set the host name", unistd::sethostname("box"))?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    let size = format!("size={}k,nr_inodes={},mode=1777", plan.disk_kb, limits::INODES);
    let work = plan.root.join("box");
    step("mount the work folder", mount(Some("tmpfs"), &work, Some("tmpfs"), flags, Some(size.as_str())))?;
    let proc = mount_proc(&plan.root.join("proc"), flags | MsFlags::MS_RDONLY)?;
    // The host's view of this process, to map users with: the box's own `/proc` is read-only.
    let host = step("open the host's /proc", File::open("/proc/self"))?;
    swap_root(&plan.root)?;
    step("enter the work folder", unistd::chdir("/box"))?;
    step("make a folder", fs::create_dir(".tmp"))?;
    step("open a folder", fs::set_permissions(".tmp", fs::Permissions::from_mode(0o1777)))?;
    Ok((host, proc))
}

/// Kernels before 5.8 show more than the program's own processes. They have no Landlock either, so all of it can be read there but
/// what belongs to other users.
fn mount_proc(target: &Path, flags: MsFlags) -> io::Result<ProcView> {
    let tries = [
        (Some("hidepid=ptraceable,subset=pid"), ProcView::Own),
        (Some("hidepid=2"), ProcView::System),
        (None, ProcView::All),
    ];
    let mut last = Ok(ProcView::All);
    for (options, view) in tries {
        last = mount(Some("proc"), target, Some("proc"), flags, options).map(|()| view);
        if last.is_ok() {
            break;
        }
    }
    step("mount /proc", last)
}

/// Takes one run and sees it through.
fn serve(plan: &Plan<'_>, control: &OwnedFd, host_proc: File) -> io::Result<()> {
    let Some((run, descriptors)) = step("receive the run", wire::receive::<Run>(control, Wait::Yes))? else {
        return Ok(());
    };
    // The run's own socket stays with the launcher.
    if descriptors.len() + 1 != run.descriptors() {
        return Err(io::Error::other("the run came without its descriptors"));
    }
    let mut descriptors = descriptors.into_iter();
    let standard: Vec<OwnedFd> = descriptors.by_ref().take(PROGRAM_DESCRIPTORS).collect();
    let mut program = None;
    for (given, descriptor) in run.given.iter().zip(descriptors.by_ref()) {
        match given {
            Given::File(name) => place_file(name, descriptor)?,
            Given::Program => program = Some(descriptor),
        }
    }
    let collected = descriptors.next();
    if let Some((folder, _)) = run.collect.as_ref().and_then(|collect| collect.name.rsplit_once('/')) {
        step("make a folder", fs::create_dir(folder))?;
        step("open a folder", fs::set_permissions(folder, fs::Permissions::from_mode(0o1777)))?;
    }
    drop_privileges(plan, host_proc, &standard)?;
    tell(control, &FromBox::Started, &[])?;
    // What the judge's process ignored must not be ignored for ever, neither here nor in the program.
    sys::reset_signals();
    match step("fork", sys::fork_into(0))? {
        Forked::Child => {
            drop(collected);
            become_program(plan, control, &run, &standard, program.as_ref())
        }
        Forked::Parent(child, _pidfd) => {
            // The program's descriptors are the program's alone: their readers must see the end of it.
            drop((standard, program));
            step("load the system call filter", plan.filters.load_first())?;
            let done = bury(child)?;
            if let (Some(Collect { name, limit }), Some(into), FromBox::Done { status: Ok(_), .. }) =
                (&run.collect, collected, &done)
            {
                // Without it the judge finds nothing in its file, and knows.
                let _ = collect(name, *limit, into);
            }
            tell(control, &done, &[])
        }
    }
}

/// Hands out a file that the program has made, and no link, pipe or device that it has put there instead.
fn collect(name: &str, limit: u64, into: OwnedFd) -> io::Result<()> {
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
    let file =
        fs::OpenOptions::new().read(true).custom_flags(flags.bits()).open(Path::new("/box").join(name))?;
    let about = file.metadata()?;
    if about.is_file() && about.len() <= limit {
        io::copy(&mut file.take(limit), &mut File::from(into))?;
    }
    Ok(())
}

/// Writes a file that the program is given, read-only even for the owner of the folder.
fn place_file(name: &str, given: OwnedFd) -> io::Result<()> {
    let path = Path::new("/box").join(name);
    let mut text = Vec::new();
    step("read a file", File::from(given).read_to_end(&mut text))?;
    let mut file =
        step("create a file", fs::OpenOptions::new().write(true).create_new(true).mode(0o444).open(&path))?;
    step("write a file", file.write_all(&text))?;
    drop(file);
    step("show a file", mount(Some(&path), &path, NONE, MsFlags::MS_BIND, NONE))?;
    let flags = MsFlags::MS_BIND
        | MsFlags::MS_REMOUNT
        | MsFlags::MS_RDONLY
        | MsFlags::MS_NOSUID
        | MsFlags::MS_NODEV
        | MsFlags::MS_NOEXEC;
    step("protect a file", mount(NONE, &path, NONE, flags, NONE))
}

/// Becomes an ordinary user without any capability, for ever, in a user namespace of its own. Tells whether it has got that one.
fn drop_privileges(plan: &Plan<'_>, host_proc: File, standard: &[OwnedFd]) -> io::Result<bool> {
    let (uid, gid) = match plan.power {
        Power::OwnUsers(first) => {
            let (uid, gid) = (Uid::from_raw(first + plan.slot), Gid::from_raw(first + plan.slot));
            for descriptor in standard {
                // So that `/dev/stdout` and the like can be opened again.
                let _ = unistd::fchown(descriptor, Some(uid), Some(gid));
            }
            step("leave groups", unistd::setgroups(&[]))?;
            step("change group", unistd::setresgid(gid, gid, gid))?;
            step("change user", unistd::setresuid(uid, uid, uid))?;
            (uid, gid)
        }
        Power::OneUser => (Uid::effective(), Gid::effective()),
    };
    // A process that cannot be looked into may not map users either.
    step("prepare mapping", prctl::set_dumpable(true))?;
    let user_namespace = match (unshare(CloneFlags::CLONE_NEWUSER), plan.power) {
        (Ok(()), _) => {
            write_maps(&host_proc, INSIDE_ID, uid, gid)?;
            true
        }
        // Some systems forbid it to ordinary users. This one has lost all capabilities by becoming one.
        (Err(_), Power::OwnUsers(_)) => false,
        (Err(error), Power::OneUser) => return step("create a user namespace", Err(error)),
    };
    drop(host_proc);
    step("drop capabilities", sys::drop_capabilities())?;
    step("hide from the program", prctl::set_dumpable(false))?;
    step("die with the launcher", prctl::set_pdeathsig(Signal::SIGKILL))?;
    step("gain no privileges", prctl::set_no_new_privs())?;
    Ok(user_namespace)
}

/// In the program's process: what remains before the program takes over.
fn become_program(
    plan: &Plan<'_>,
    control: &OwnedFd,
    run: &Run,
    standard: &[OwnedFd],
    program: Option<&OwnedFd>,
) -> ! {
    let failed = prepare_program(plan, run, standard).and_then(|()| start_program(run, program));
    let message = failed.err().map_or_else(|| "exec".to_owned(), |error| error.to_string());
    let _ = tell(control, &FromBox::Failed(message), &[]);
    sys::exit_now(127)
}

fn prepare_program(plan: &Plan<'_>, run: &Run, standard: &[OwnedFd]) -> io::Result<()> {
    step("start a session", unistd::setsid())?;
    step("limit resources", limits::apply(run, plan.disk_kb, plan.counting()))?;
    let terminal = standard.first().filter(|_| run.standard == Standard::Terminal);
    step("restrict files", lock::lock(terminal))?;
    // First out of the way of the numbers that they take.
    let moved: Vec<RawFd> = standard
        .iter()
        .map(|descriptor| fcntl(descriptor, FcntlArg::F_DUPFD_CLOEXEC(10)))
        .collect::<Result<_, _>>()?;
    for (number, descriptor) in (0..).zip(moved) {
        step("place descriptors", sys::dup_onto(descriptor, number))?;
    }
    if run.standard == Standard::Terminal {
        step("take the terminal", sys::take_terminal())?;
    }
    step("close descriptors", sys::close_on_exec_from(4))?;
    step("load the system call filter", plan.filters.load(run.standard))
}

fn start_program(run: &Run, program: Option<&OwnedFd>) -> io::Result<()> {
    let arguments = c_strings(&run.argv)?;
    let environment = c_strings(&run.env)?;
    let path = match (program, run.argv.first()) {
        // It lies in no folder, so that none has to be one in which things can be executed.
        (Some(program), _) => format!("/proc/self/fd/{}", program.as_raw_fd()),
        (None, Some(path)) => path.clone(),
        (None, None) => return Err(io::Error::other("no program")),
    };
    let path = CString::new(path).map_err(io::Error::other)?;
    match unistd::execve(&path, &arguments, &environment) {
        Ok(never) => match never {},
        Err(error) => step("start the program", Err(error)),
    }
}

fn c_strings(texts: &[String]) -> io::Result<Vec<CString>> {
    texts.iter().map(|text| CString::new(text.as_str()).map_err(io::Error::other)).collect()
}

/// Reaps whatever ends until the program does, kills what it left behind, and tells how it was.
fn bury(program: Pid) -> io::Result<FromBox> {
    let any = Pid::from_raw(-1);
    let mut status = None;
    while status.is_none() {
        let ended = step("wait", sys::wait4(any))?;
        if ended.pid == program {
            status = Some(ended.status);
        }
    }
    while kill(any, Signal::SIGKILL).is_ok() && sys::wait4(any).is_ok() {}
    let usage = step("count", getrusage(UsageWho::RUSAGE_CHILDREN))?;
    let micros = |time: nix::sys::time::TimeVal| {
        u64::try_from(time.tv_sec()).unwrap_or(0) * 1_000_000 + u64::try_from(time.tv_usec()).unwrap_or(0)
    };
    Ok(FromBox::Done {
        status: status.unwrap_or(Ok(0)),
        cpu_us: micros(usage.user_time()) + micros(usage.system_time()),
        max_rss_kb: u64::try_from(usage.max_rss()).unwrap_or(0),
    })
}
