# Adds up what the test harness of Rust says at the end of each program.
/^test result: / {
    for (field = 1; field < NF; field++) {
        if ($(field + 1) == "passed;") passed += $field
        if ($(field + 1) == "failed;") failed += $field
        if ($(field + 1) == "ignored;") skipped += $field
    }
}
END { printf "%d %d %d\n", passed, failed, skipped }
