"""sam deploy --guided, its questions answered as a person would who wants what samconfig.toml says:  sam_guided.py SAM ARGUMENT..."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import dialogue

ANSWERS = [("Confirm changes", "y"), ("Allow SAM CLI IAM", "y"), ("Save arguments", "y"), ("sign your code", "n"), ("Deploy this changeset", "y")]
status, said = dialogue.hold(sys.argv[1:], ANSWERS)
sys.stdout.write(said)
sys.exit(124 if status is None else status)
