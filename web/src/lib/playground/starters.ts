/** What the playground begins with: a short talk, so that the terminal has something to show. */
const STARTERS: Record<string, string> = {
  python: `name = input("What is your name? ")
print(f"Hello, {name}!")
`,
  javascript: `const readline = require("node:readline/promises");

async function main() {
  const terminal = readline.createInterface({ input: process.stdin, output: process.stdout });
  const name = await terminal.question("What is your name? ");
  console.log(\`Hello, \${name}!\`);
  terminal.close();
}

main();
`,
  typescript: `import * as readline from "readline";

const terminal = readline.createInterface({ input: process.stdin, output: process.stdout });
terminal.question("What is your name? ", (name: string) => {
  console.log(\`Hello, \${name}!\`);
  terminal.close();
});
`,
  c: `#include <stdio.h>

int main(void) {
  char name[64];
  printf("What is your name? ");
  if (scanf("%63s", name) == 1) printf("Hello, %s!\\n", name);
}
`,
  cpp: `#include <iostream>
#include <string>

int main() {
  std::string name;
  std::cout << "What is your name? ";
  std::getline(std::cin, name);
  std::cout << "Hello, " << name << "!\\n";
}
`,
  rust: `use std::io::{self, Write};

fn main() -> io::Result<()> {
    print!("What is your name? ");
    io::stdout().flush()?;
    let mut name = String::new();
    io::stdin().read_line(&mut name)?;
    println!("Hello, {}!", name.trim());
    Ok(())
}
`,
  go: `package main

import "fmt"

func main() {
	var name string
	fmt.Print("What is your name? ")
	fmt.Scan(&name)
	fmt.Printf("Hello, %s!\\n", name)
}
`,
  java: `import java.util.Scanner;

public class Main {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        System.out.print("What is your name? ");
        System.out.println("Hello, " + in.nextLine() + "!");
    }
}
`,
};

/** A place for code that belongs to no challenge; no challenge has such an id. */
export function playgroundOf(languages: readonly string[]) {
  const starter_code = Object.fromEntries(languages.map((language) => [language, STARTERS[language] ?? ""]));
  return { id: "~playground", languages: [...languages], starter_code };
}
