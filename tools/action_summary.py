"""A job summary from a JSON report:  action_summary.py REPORT SUMMARY

Appends to SUMMARY in Markdown, escaped so that no text of a template is markup; prints the verdict.
"""
import json
import sys

MOST = 200  # rows; GitHub drops a summary of more than 1 MiB

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
    with open(summary, "a", encoding="utf-8") as out:
        out.write(f"## sandboxgen: {report['verdict']}\n\n| template | verdict |\n|---|---|\n")
        out.writelines(f"| {cell(row['path'])} | {cell(row['verdict'])} |\n" for row in report["files"])
        if rows:
            out.write("\n| rule | status | severity | where | what |\n|---|---|---|---|---|\n")
            out.writelines(f"| {cell(row['rule'])} | {cell(row['status'])} | {cell(row['severity'])} | "
                           f"{cell(row['file'])}:{row['line']} | {cell(row['message'])} |\n" for row in rows[:MOST])
            if len(rows) > MOST:
                out.write(f"\n{len(rows) - MOST} more are in the report.\n")
    print(report["verdict"])


main(*sys.argv[1:3])
