//! Statements as they are written, and what cannot be one.

use super::*;

fn read(text: &str) -> Result<(String, usize), String> {
    markdown(text, &|name| (name == "max_n").then(|| "100".to_owned()))
}

#[test]
fn statements_become_markdown() {
    let text = "\\problemname{Hello}\nGiven $n$ numbers with $1 \\le n \\leq 10^{5}$, ``sum'' \\textbf{all} of them.% no\n\
                \\section*{Input}\n\\begin{itemize}\n\\item One \\texttt{li\\_ne}.\n\\item Two.\n\\end{itemize}\n100\\% of a\\_b";
    let (told, pictures) = read(text).unwrap();
    assert_eq!(
        told,
        "Given `n` numbers with `1 ≤ n ≤ 10^5`, \"sum\" **all** of them.\n\n## Input\n\n- One `li_ne`.\n\n- Two.\n\n100% of a_b"
    );
    assert_eq!(pictures, 0);
}

#[test]
fn formulas_stay_as_they_are_where_they_are_not_understood() {
    for (text, told) in [
        ("$\\lfloor \\frac{a}{b+1} \\rfloor$", "`⌊ a/(b+1) ⌋`"),
        ("\\(x_{i} \\in \\mathbb{Z}\\)", "`x_i ∈ Z`"),
        ("$\\binom{n}{k}$", "`\\binom{n}{k}`"),
        ("\\[ n \\ge 1 \\]", "`n ≥ 1`"),
        ("\\begin{equation}a = b\\end{equation}", "`a = b`"),
        ("$\\text{cost}(\\max n)$ of \\constant{max_n}", "`cost(max n)` of 100"),
        ("na\\\"{i}ve caf\\'e", "nai\u{308}ve cafe\u{301}"),
    ] {
        assert_eq!(read(text).unwrap().0, told, "{text}");
    }
}

#[test]
fn pictures_are_left_out_and_said_to_be() {
    let text = "\\illustration{0.3}{cat.jpg}{A \\emph{cat}}\nOne.\n\\begin{wrapfigure}[8]{r}{0.4\\textwidth}\n\
                \\includegraphics[width=3cm]{dog.png}\n\\caption{Dog}\n\\label{x}\n\\end{wrapfigure}";
    let (told, pictures) = read(text).unwrap();
    assert_eq!(told, format!("{PICTURE}\n\nA *cat*\n\nOne.\n\n{PICTURE}\n\n*Dog*"));
    assert_eq!(pictures, 2);
}

#[test]
fn tables_and_listings_keep_their_form() {
    let text = "\\begin{tabular}{|l|r|}\n\\hline\nName & \\textbf{Age} \\\\ \\hline\nAda \\& Co & 3 \\\\\n\\end{tabular}\n\
                \\begin{verbatim}\n  a_b\n\n\n  c\n\\end{verbatim}";
    let told = read(text).unwrap().0;
    assert_eq!(told, "| Name | **Age** |\n| --- | --- |\n| Ada & Co | 3 |\n\n````text\n  a_b\n\n\n  c\n````");
}

#[test]
fn what_is_not_understood_is_named() {
    for (text, says) in [
        ("\\tikz{x}", "\\tikz"),
        ("\\begin{tikzpicture}", "\\begin{tikzpicture}"),
        ("$x", "formula"),
        ("\\textbf{x", "argument"),
        ("\\constant{other}", "\\constant{other}"),
        ("\\begin{tabular}{l}", "does not end"),
    ] {
        let told = read(text).unwrap_err();
        assert!(told.contains(says), "{told}");
    }
    let deep = format!("{}x{}", "\\textbf{".repeat(10_000), "}".repeat(10_000));
    assert!(read(&deep).unwrap_err().contains("within each other"));
}

#[test]
fn nothing_becomes_html_or_a_link_by_itself() {
    assert_eq!(read("<b>[x](y)*z*").unwrap().0, "\\<b>\\[x](y)\\*z\\*");
}
