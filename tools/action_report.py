"""Annotations and a job summary from a JSON report:  action_report.py REPORT SUMMARY

Annotations go to standard output as GitHub's workflow commands, with the escapes that those ask for, so that no text of a template
can be a command of its own.
"""
import json
import sys


def data(text):
    return str(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def prop(text):
    return data(text).replace(":", "%3A").replace(",", "%2C")


def cell(text):
    """A cell of a table that Markdown and HTML leave as it is."""
    text = " ".join(str(text).split())
    for char in "\\`*_{}[]()#+!|~":
        text = text.replace(char, "\\" + char)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")


def main(report, summary):
    with open(report, encoding="utf-8") as stream:
        report = json.load(stream)
    rows = [finding for finding in report["findings"] if not finding.get("suppressed")]
    for finding in rows:
        level = "error" if finding["severity"] in ("critical", "high") else "warning"
        where = ",".join(f"{name}={prop(finding[key])}" for name, key in (
            ("file", "file"), ("line", "line"), ("col", "column"), ("endLine", "endLine"), ("endColumn", "endColumn")) if finding.get(key))
        print(f"::{level} {where},title={prop(finding['rule'] + ' ' + finding['status'])}::{data(finding['message'])}")
    with open(summary, "a", encoding="utf-8") as out:
        out.write(f"## sandboxgen: {report['verdict']}\n\n| template | verdict |\n|---|---|\n")
        out.writelines(f"| {cell(row['path'])} | {cell(row['verdict'])} |\n" for row in report["files"])
        if rows:
            out.write("\n| rule | status | severity | where | what |\n|---|---|---|---|---|\n")
            out.writelines(f"| {cell(row['rule'])} | {cell(row['status'])} | {cell(row['severity'])} | "
                           f"{cell(row['file'])}:{row['line']} | {cell(row['message'])} |\n" for row in rows)


main(*sys.argv[1:3])
