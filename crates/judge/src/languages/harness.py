import sys


def main():
    import _io, builtins, posix
    sys.argv[:], arguments = ["solution.py"], sys.argv[1:]
    if sys.path[0] == "/judge":
        sys.path[0] = "/box"
    with _io.open("/box/solution.py", "rb") as file:
        source = file.read()

    # The learner may replace anything later on; what is needed after that is fetched now.
    write, flush_names = posix.write, ("stdout", "stderr")

    def answer(text):
        data = text.encode("utf-8", "surrogatepass")
        while data:
            data = data[write(3, data):]

    def escape(text):
        from _json import encode_basestring_ascii
        return encode_basestring_ascii(str(text)[:4000])

    def fail(kind, message):
        answer('{"error":' + escape(kind) + ',"message":' + escape(message) + "}")

    def describe(error):
        name = type(error).__name__
        try:
            text = str(error)
        except BaseException:
            text = ""
        return name + ": " + text if text else name

    def show(error, skip):
        """Prints the traceback without the frames of this file."""
        import linecache, traceback
        text = source.decode("utf-8", "replace")
        linecache.cache["solution.py"] = (len(text), None, text.splitlines(True), "solution.py")
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next
        if skip:
            trace = None
        traceback.print_exception(type(error), error.with_traceback(trace), trace)

    def crash(error):
        kind = "memory" if isinstance(error, MemoryError) else "exception"
        message = describe(error)
        try:
            show(error, False)
        except BaseException:
            pass
        fail(kind, message)
        leave(1)

    def leave(code):
        for name in flush_names:
            try:
                getattr(sys, name).flush()
            except BaseException:
                pass
        posix._exit(code)

    builtins.exit = builtins.quit = sys.exit
    namespace = {"__name__": "__main__", "__file__": "solution.py", "__builtins__": builtins, "__doc__": None,
                 "__package__": None, "__spec__": None, "__loader__": None}
    module = type(sys)("__main__")
    module.__dict__.update(namespace)
    try:
        code = compile(source, "solution.py", "exec", dont_inherit=True)
    except MemoryError as error:
        return crash(error)
    except BaseException as error:
        import traceback
        lines = traceback.format_exception_only(type(error), error)
        text = "".join(lines)
        answer('{"error":"compile","message":' + escape(text) + "}")
        return leave(1)

    if arguments[0] == "program":
        sys.modules["__main__"] = module
        try:
            exec(code, module.__dict__)
        except SystemExit:
            raise
        except BaseException as error:
            crash(error)
        return

    name = arguments[1]
    module.__name__ = "solution"
    sys.modules["solution"] = sys.modules["__main__"] = module
    import _json
    with _io.open(0, "rb", closefd=False) as file:
        text = file.read().decode("utf-8")

    class Context:
        strict = True
        object_hook = object_pairs_hook = parse_constant = None
        parse_float, parse_int, memo = float, int, {}

    values, _ = _json.make_scanner(Context)(text, 0)
    encode_string, make_encoder = _json.encode_basestring_ascii, _json.make_encoder

    def refuse(value):
        raise TypeError("a value of type " + type(value).__name__ + " has no JSON form")

    try:
        exec(code, module.__dict__)
        function = module.__dict__.get(name)
        if function is None:
            fail("missing", "")
            return leave(1)
        value = function(*values)
    except SystemExit:
        raise
    except BaseException as error:
        return crash(error)
    try:
        encoder = make_encoder({}, refuse, encode_string, None, ":", ",", False, False, False)
        result = '{"value":' + "".join(encoder(value, 0)) + "}"
    except MemoryError as error:
        return crash(error)
    except BaseException as error:
        message = describe(error)
        if isinstance(error, RecursionError):
            message = "it is nested too deeply"
        elif isinstance(error, ValueError) and "Circular" in message:
            message = "it contains itself"
        elif isinstance(error, ValueError) and "Out of range float" in message:
            message = "NaN and infinity have no JSON form"
        elif isinstance(error, TypeError):
            message = message[len("TypeError: "):]
        fail("value", message)
        return leave(1)
    answer(result)


main()
