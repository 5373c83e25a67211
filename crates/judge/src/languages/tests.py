"""Runs a file of tests on the learner's file in a box, and tells of each test on descriptor 3.

It knows classes of `unittest`, and functions and classes in the style of `pytest` with plain `assert`. Tests that are marked to be
skipped are run. Every line begins with a word that came on standard input.
"""
import ast
import builtins
import contextlib
import functools
import inspect
import io
import json
import linecache
import posix
import sys
import time
import traceback
import types
import unittest

# The learner may replace anything later on; what is needed after that is fetched now.
write, end_process, clock, dumps = posix.write, posix._exit, time.process_time, json.dumps
LONGEST = 4000
OUTPUT = 2000


def teller(word):
    def tell(event, **fields):
        data = (word + dumps({"event": event, **fields}) + "\n").encode("utf-8", "replace")
        while data:
            data = data[write(3, data):]
    return tell


def main():
    with io.open(0, "rb", closefd=False) as file:
        asked = json.loads(file.read())
    tell = teller(asked.pop("word"))
    sys.argv[:] = [asked["tests"]]
    sys.path[0] = "/box"
    sys.modules["pytest"] = Pytest("pytest")
    for name in ("skip", "skipIf", "skipUnless"):
        setattr(unittest, name, lambda *_, **__: lambda tested: tested)
    builtins.exit = builtins.quit = sys.exit
    check_solution(tell, asked["solution"])
    pristine = Pristine()
    try:
        module = load(asked["tests"])
        cases = list(found(module))
    except BaseException as error:
        tell("broken", message=words(error))
        show(error)
        leave(1)
    for case in cases:
        run(tell, case, pristine)
    tell("done")
    leave(0)


def check_solution(tell, name):
    with io.open("/box/" + name, "rb") as file:
        source = file.read()
    try:
        compile(source, name, "exec", dont_inherit=True)
    except BaseException as error:
        tell("compile", message="".join(traceback.format_exception_only(type(error), error)))
        leave(1)


def load(name):
    """The tests, with asserts that say what was compared."""
    with io.open("/box/" + name, "rb") as file:
        source = file.read().decode("utf-8")
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    tree = Asserts().visit(ast.parse(source, name))
    module = types.ModuleType(name.rsplit(".", 1)[0])
    module.__file__ = name
    module.__dict__["__judge_compare__"] = compare
    sys.modules[module.__name__] = module
    exec(compile(ast.fix_missing_locations(tree), name, "exec", dont_inherit=True), module.__dict__)
    return module


class Asserts(ast.NodeTransformer):
    """`assert a == b` becomes an assert with the two values in its message."""
    NAMES = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in",
             ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not"}

    def visit_Assert(self, node):
        test = node.test
        if node.msg is not None or not isinstance(test, ast.Compare) or len(test.ops) != 1:
            return node
        operator = self.NAMES[type(test.ops[0])]
        call = ast.Call(ast.Name("__judge_compare__", ast.Load()), [ast.Constant(operator), test.left, test.comparators[0]], [])
        return ast.copy_location(ast.Expr(ast.copy_location(call, node)), node)


COMPARE = {"==": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
           ">": lambda a, b: a > b, ">=": lambda a, b: a >= b, "in": lambda a, b: a in b, "not in": lambda a, b: a not in b,
           "is": lambda a, b: a is b, "is not": lambda a, b: a is not b}


def compare(operator, left, right):
    if not COMPARE[operator](left, right):
        raise AssertionError(f"{left!r} {operator} {right!r} does not hold")


def found(module):
    """Name, source and what to call of each test, in the order of the file."""
    tested = [value for value in vars(module).values() if getattr(value, "__module__", None) == module.__name__]
    for value in sorted(tested, key=line_of):
        if isinstance(value, type) and issubclass(value, unittest.TestCase):
            yield from of_unittest(value)
        elif isinstance(value, type) and value.__name__.startswith("Test"):
            yield from of_class(value, module)
        elif callable(value) and getattr(value, "__name__", "").startswith("test"):
            yield from of_function(value.__name__, value, module)


def line_of(value):
    value = inspect.unwrap(value) if callable(value) else value
    code = getattr(value, "__code__", None)
    if code is not None:
        return code.co_firstlineno
    methods = [method.__code__.co_firstlineno for method in vars(value).values() if inspect.isfunction(method)] if isinstance(value, type) else []
    return min(methods, default=0)


def methods_of(kind):
    names = [name for name in dir(kind) if name.startswith("test") and callable(getattr(kind, name))]
    return sorted(names, key=lambda name: line_of(getattr(kind, name)))


def of_unittest(kind):
    first = True
    names = methods_of(kind)
    for name in names:
        yield f"{kind.__name__}.{name}", source_of(getattr(kind, name)), functools.partial(run_unittest, kind, name, first, name == names[-1])
        first = False


def run_unittest(kind, name, first, last):
    result = Result()
    if first:
        kind.setUpClass()
    try:
        kind(name).run(result)
    finally:
        if last:
            kind.tearDownClass()
            kind.doClassCleanups()
    if result.problem is not None:
        raise result.problem


class Result(unittest.TestResult):
    """Keeps the first problem itself."""
    problem = None

    def keep(self, _, problem):
        if self.problem is None and problem is not None:
            self.problem = problem[1]

    addError = addFailure = keep

    def addSubTest(self, test, subtest, problem):
        if problem is not None and self.problem is None:
            self.problem = problem[1]
            described = subtest._subDescription()
            if isinstance(self.problem, AssertionError):
                self.problem = AssertionError(f"{described}: {self.problem}").with_traceback(self.problem.__traceback__)

    def addUnexpectedSuccess(self, test):
        self.problem = AssertionError("was expected to fail")

    def addSkip(self, test, reason):
        self.problem = AssertionError(f"was skipped: {reason}")


def of_class(kind, module):
    for name in methods_of(kind):
        def call(*given, name=name, **named):
            instance = kind()
            for step in ("setup_method", "setUp"):
                if hasattr(instance, step):
                    hand(getattr(instance, step), instance, name)
            try:
                getattr(instance, name)(*given, **named)
            finally:
                if hasattr(instance, "teardown_method"):
                    hand(instance.teardown_method, instance, name)
        functools.update_wrapper(call, getattr(kind, name))
        call.__signature__ = without_self(inspect.signature(getattr(kind, name)))
        yield from of_function(f"{kind.__name__}.{name}", call, module)


def hand(step, instance, name):
    step(*([getattr(instance, name)] if inspect.signature(step).parameters else []))


def without_self(signature):
    return signature.replace(parameters=list(signature.parameters.values())[1:])


def of_function(name, function, module):
    source = source_of(function)
    rows = getattr(inspect.unwrap(function), "__judge_rows__", None)
    for described, row in rows or [("", {})]:
        yield name + (f"[{described}]" if rows else ""), source, functools.partial(run_function, function, module, dict(row))


def run_function(function, module, row):
    with contextlib.ExitStack() as stack:
        given = {name: row[name] if name in row else fixture(name, module, stack, {}) for name in inspect.signature(function).parameters}
        function(**given)


def fixture(name, module, stack, made):
    if name in made:
        return made[name]
    maker = next((value for value in vars(module).values() if getattr(value, "__judge_fixture__", None) == name), None)
    if maker is None:
        raise LookupError(f"there is no fixture {name}")
    value = maker(**{needed: fixture(needed, module, stack, made) for needed in inspect.signature(maker).parameters})
    if inspect.isgenerator(value):
        generator, value = value, next(value)
        stack.callback(lambda: next(generator, None))
    made[name] = value
    return value


class Raised:
    """`with pytest.raises(…) as raised`."""

    def __init__(self, expected, match):
        self.expected, self.match = expected, match

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        if kind is None:
            names = getattr(self.expected, "__name__", str(self.expected))
            raise AssertionError(f"did not raise {names}")
        if not issubclass(kind, self.expected):
            return False
        self.type, self.value = kind, error
        import re
        if self.match is not None and not re.search(self.match, str(error)):
            raise AssertionError(f"{str(error)!r} does not match {self.match!r}")
        return True


class Near:
    def __init__(self, expected, rel, abs_):
        self.expected, self.rel, self.abs = expected, rel, abs_

    def __eq__(self, actual):
        if isinstance(self.expected, dict):
            return actual.keys() == self.expected.keys() and all(Near(value, self.rel, self.abs) == actual[key] for key, value in self.expected.items())
        if isinstance(self.expected, (list, tuple)):
            return len(actual) == len(self.expected) and all(Near(value, self.rel, self.abs) == other for value, other in zip(self.expected, actual))
        bound = max(1e-12 if self.abs is None else self.abs, (1e-6 if self.rel is None else self.rel) * abs(self.expected))
        return actual == self.expected or abs(actual - self.expected) <= bound

    def __repr__(self):
        return f"about {self.expected!r}"


class Marks:
    """All marks but `parametrize` change nothing."""

    def __getattr__(self, name):
        if name == "parametrize":
            return parametrize

        def mark(*given, **named):
            plain = len(given) == 1 and not named and callable(given[0])
            return given[0] if plain else lambda tested: tested
        return mark


def parametrize(names, values, ids=None, **_):
    names = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)

    def mark(function):
        bare = inspect.unwrap(function)
        rows = []
        for at, value in enumerate(values):
            value = tuple(value) if len(names) > 1 else (value,)
            described = str(ids[at]) if ids and not callable(ids) else "-".join(str(part)[:40] for part in value)
            rows.append((described, dict(zip(names, value))))
        known = getattr(bare, "__judge_rows__", [("", {})])
        bare.__judge_rows__ = [("-".join(filter(None, (a, b))), {**first, **second}) for a, first in known for b, second in rows]
        return function
    return mark


def mark_fixture(function=None, *, name=None, **_):
    def mark(maker):
        maker.__judge_fixture__ = name or maker.__name__
        return maker
    return mark(function) if function is not None else mark


def fail(reason="", *_, **__):
    raise AssertionError(reason)


class Pytest(types.ModuleType):
    """As much of `pytest` as files of tests need that have no plugins."""
    mark = Marks()
    fixture = staticmethod(mark_fixture)
    fail = staticmethod(fail)

    @staticmethod
    def raises(expected, *given, match=None, **named):
        if given:
            with Raised(expected, match) as raised:
                given[0](*given[1:], **named)
            return raised
        return Raised(expected, match)

    @staticmethod
    def approx(expected, rel=None, abs=None, **_):
        return Near(expected, rel, abs)

    @staticmethod
    def skip(*_, **__):
        raise AssertionError("was skipped")

    @staticmethod
    def param(*values, **_):
        return values if len(values) > 1 else values[0]


class Pristine:
    """Whether the tools of the tests are those that they were."""

    def __init__(self):
        self.parts = [unittest.TestCase, unittest.case._AssertRaisesContext, Raised, Near, Result]
        self.before = [dict(vars(part)) for part in self.parts]

    def holds(self):
        return self.before == [dict(vars(part)) for part in self.parts]


class Captured(io.TextIOBase):
    """Keeps the beginning of what is printed."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        if len(self.text) < OUTPUT:
            self.text += str(text)[:OUTPUT - len(self.text)]
        return len(text)

    def writable(self):
        return True


def run(tell, case, pristine):
    name, source, call = case
    tell("begin", name=name[:200], code=source[:LONGEST])
    output, problem, started = Captured(), None, clock()
    try:
        with contextlib.redirect_stdout(output):
            call()
        if not pristine.holds():
            raise AssertionError("the tests' own tools were changed")
    except BaseException as error:
        problem = error
    ms = (clock() - started) * 1000
    failed = isinstance(problem, AssertionError)
    tell("end", ok=problem is None, failed=failed, message="" if problem is None else words(problem), output=output.text, ms=ms)
    if problem is not None and not failed:
        show(problem)


def words(error):
    try:
        text = str(error)
    except BaseException:
        text = ""
    name = type(error).__name__
    if isinstance(error, AssertionError):
        return (text or "an assertion does not hold")[:LONGEST]
    return (f"{name}: {text}" if text else name)[:LONGEST]


def show(error):
    """Prints the traceback without the frames of this file and of the test library."""
    trace = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith("/box/") or "/" not in frame.filename]
    for frame in trace:
        frame.filename = frame.filename.removeprefix("/box/")
    lines = traceback.format_list(trace) + traceback.format_exception_only(type(error), error)
    print("".join(lines)[:LONGEST], file=sys.stderr)


def source_of(function):
    try:
        lines, _ = inspect.getsourcelines(inspect.unwrap(function))
    except (OSError, TypeError):
        return ""
    return inspect.cleandoc("\n" + "".join(lines))


def leave(code):
    """Ends the process without what the learner has left to be done at its end."""
    for stream in (sys.__stdout__, sys.__stderr__):
        try:
            stream.flush()
        except BaseException:
            pass
    end_process(code)


main()
