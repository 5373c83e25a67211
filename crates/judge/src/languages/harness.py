"""Runs the learner's file in a box, and for a function writes what it returns to descriptor 3.

What it writes is not trusted: the learner's code shares its process and could write the same.
"""
import _io
import builtins
import posix
import sys

# The learner may replace anything later on; what is needed after that is fetched now.
write, end_process = posix.write, posix._exit


def main():
    arguments = sys.argv[1:]
    sys.argv[:] = ["solution.py"] + arguments[1:] * (arguments[0] == "program")
    if sys.path[0] == "/judge":
        sys.path[0] = "/box"
    with _io.open("/box/solution.py", "rb") as file:
        source = file.read()
    builtins.exit = builtins.quit = sys.exit
    code = compiled(source)
    if arguments[0] == "program":
        run_program(code, source)
    else:
        run_function(code, source, arguments[1])


def compiled(source):
    """The learner's code; where there is none this does not return."""
    try:
        return compile(source, "solution.py", "exec", dont_inherit=True)
    except MemoryError as error:
        crash(error, source)
    except BaseException as error:
        import traceback
        answer('{"error":"compile","message":' + escape("".join(traceback.format_exception_only(type(error), error))) + "}")
        leave(1)


def run_program(code, source):
    module = new_module("__main__")
    try:
        exec(code, module.__dict__)
    except SystemExit:
        raise
    except BaseException as error:
        crash(error, source)


def run_function(code, source, name):
    module = new_module("solution")
    values, encode = read_values(), encoder()
    try:
        exec(code, module.__dict__)
        function = module.__dict__.get(name)
        if function is None:
            fail("missing", "")
            leave(1)
        value = function(*values)
    except SystemExit:
        raise
    except BaseException as error:
        crash(error, source)
    try:
        result = '{"value":' + "".join(encode(value, 0)) + "}"
    except MemoryError as error:
        crash(error, source)
    except BaseException as error:
        fail("value", why_no_json(error))
        leave(1)
    answer(result)


def new_module(name):
    """A module for the learner's code, which takes the place of this one."""
    module = type(sys)("__main__")
    module.__dict__.update({"__file__": "solution.py", "__builtins__": builtins, "__doc__": None, "__package__": None,
                            "__spec__": None, "__loader__": None, "__name__": "__main__"})
    module.__name__ = name
    sys.modules[name] = sys.modules["__main__"] = module
    return module


def read_values():
    """The arguments, by the reader that the json module has inside: loading all of that module takes longer than most programs."""
    import _json
    with _io.open(0, "rb", closefd=False) as file:
        text = file.read().decode("utf-8")

    class Context:
        strict = True
        object_hook = object_pairs_hook = parse_constant = None
        parse_float, parse_int, memo = float, int, {}

    values, _ = _json.make_scanner(Context)(text, 0)
    return values


def encoder():
    import _json

    def refuse(value):
        raise TypeError("a value of type " + type(value).__name__ + " has no JSON form")

    return _json.make_encoder({}, refuse, _json.encode_basestring_ascii, None, ":", ",", False, False, False)


def why_no_json(error):
    message = describe(error)
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, ValueError) and "Circular" in message:
        return "it contains itself"
    if isinstance(error, ValueError) and "Out of range float" in message:
        return "NaN and infinity have no JSON form"
    return message[len("TypeError: "):] if isinstance(error, TypeError) else message


def crash(error, source):
    kind = "memory" if isinstance(error, MemoryError) else "exception"
    message = describe(error)
    try:
        show(error, source)
    except BaseException:
        pass
    fail(kind, message)
    leave(1)


def show(error, source):
    """Prints the traceback without the frames of this file."""
    import linecache
    import traceback
    text = source.decode("utf-8", "replace")
    linecache.cache["solution.py"] = (len(text), None, text.splitlines(True), "solution.py")
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    traceback.print_exception(type(error), error.with_traceback(trace), trace)


def describe(error):
    name = type(error).__name__
    try:
        text = str(error)
    except BaseException:
        text = ""
    return name + ": " + text if text else name


def fail(kind, message):
    answer('{"error":' + escape(kind) + ',"message":' + escape(message) + "}")


def escape(text):
    from _json import encode_basestring_ascii
    return encode_basestring_ascii(str(text)[:4000])


def answer(text):
    data = text.encode("utf-8", "surrogatepass")
    while data:
        data = data[write(3, data):]


def leave(code):
    """Ends the process without what the learner has left to be done at its end."""
    for name in ("stdout", "stderr"):
        try:
            getattr(sys, name).flush()
        except BaseException:
            pass
    end_process(code)


main()
