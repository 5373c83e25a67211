mod common;
use codementor_core::Language;
use codementor_core::ports::Judge;
#[tokio::test]
async fn scratch() {
    let acc = if std::env::var("SAMPLER").is_ok() { codementor_judge::Accounting::Sampler } else { Default::default() };
    let judge = common::start_with(acc, 4).await.unwrap();
    for p in judge.judge.protections() { println!("{p:?}"); }
    println!("{:?}", judge.judge.languages());
    let source = std::fs::read_to_string(std::env::var("SRC").unwrap()).unwrap();
    let lang: Language = std::env::var("LANGUAGE").unwrap().parse().unwrap();
    let t = std::time::Instant::now();
    let job = match std::env::var("ARGS") {
        Ok(args) => common::function(&lang, &source, &[(serde_json::from_str(&args).unwrap(), None)]),
        Err(_) => common::program(&lang, &source, "in\nput\n", None),
    };
    let j = judge.judge(&job).await;
    println!("{:?}", t.elapsed());
    for o in &j.tests { println!("{:?} {:?} {}ms {}kb actual={:?}\n--out\n{}\n--err\n{}", o.verdict, o.message, o.time_ms, o.memory_kb, o.actual, o.stdout, o.stderr); }
    println!("{:?} {}", j.verdict, j.compile_output.unwrap_or_default());
}
