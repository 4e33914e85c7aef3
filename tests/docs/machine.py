"""The machine that docs/operations.md speaks of, as a folder: what lies below /etc, /var and /usr/local there, and programs
that do in it what the real ones do to a machine."""
import os
import pathlib
import re
import shutil
import subprocess
import tarfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNIT = ROOT / "packaging/systemd/usher@.service"
TARBALL = "usher-0.1.0-linux-x86_64.tar.gz"
# Of a block, by how its first line begins.
BLOCKS = ("sudo tar -xzf usher-", "sudo ln -s /usr/local", "sudo useradd", "# /etc/cron.d/usher", "tar -tzf usher-",
          "sudo rm /etc/cron.d/usher", "sudo rm -rf /var/lib/usher")
INSTALLED = ("bin/usher", "share/man/man1/usher-sync.1.gz", "share/bash-completion/completions/usher",
             "share/zsh/site-functions/_usher", "share/fish/vendor_completions.d/usher.fish", "lib/systemd/system/usher@.service",
             "lib/systemd/system/usher@.timer")

INSTALL = """#!/bin/bash
words=()
while [ $# -gt 0 ]; do
  case $1 in
    -o | -g) grep -q "^$2:" {root}/etc/passwd || {{ echo "install: no user '$2'" >&2; exit 1; }}; shift ;;
    *) words+=("$1") ;;
  esac
  shift
done
exec /usr/bin/install "${{words[@]}}"
"""
# The last word is the user; the real program looks at the rest where it may.
USERADD = """#!/bin/sh
if [ "$(id -u)" -eq 0 ] && [ -x /usr/sbin/useradd ]; then exec /usr/sbin/useradd --prefix {root} "$@"; fi
for user; do :; done
echo "$user:x:999:999::/var/lib/usher:/usr/sbin/nologin" >> {root}/etc/passwd
"""
USERDEL = """#!/bin/sh
grep -q "^$1:" {root}/etc/passwd && sed -i "/^$1:/d" {root}/etc/passwd
"""
# It takes what the unit has; a command is run with its credentials.
SYSTEMD_RUN = """#!/bin/bash
export CREDENTIALS_DIRECTORY={root}/credentials
rm -rf "$CREDENTIALS_DIRECTORY" && mkdir -m 0700 "$CREDENTIALS_DIRECTORY"
while [ $# -gt 0 ]; do
  case $1 in
    --quiet | --collect | --wait | --pipe | --pty) ;;
    -p)
      case $2 in
        LoadCredential=*:*) file=${{2#*:}} name=${{2%%:*}}; install -m 0400 "$file" "$CREDENTIALS_DIRECTORY/${{name#*=}}" || exit 1 ;;
        *) grep -qxF -e "$2" {unit} || {{ echo "the unit has no $2" >&2; exit 1; }} ;;
      esac
      shift ;;
    -*) echo "systemd-run: no $1" >&2; exit 64 ;;
    *) exec "$@" ;;
  esac
  shift
done
"""


def files_below(folder):
    return [path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()]


class Machine:
    """place: where the documentation is read; see run.py."""

    def __init__(self, place):
        self.place, self.root = place, place.folder / "machine"
        for name in ("etc/cron.d", "etc/fish/completions", "etc/systemd/system", "var/lib/private/usher", "usr/local"):
            (self.root / name).mkdir(parents=True)
        for name in ("passwd", "group", "shadow", "gshadow"):
            (self.root / "etc" / name).touch()
        for name, text in {"install": INSTALL, "useradd": USERADD, "userdel": USERDEL, "systemd-run": SYSTEMD_RUN}.items():
            program = place.folder / "bin" / name
            program.write_text(text.format(root=self.root, unit=UNIT))
            program.chmod(0o755)

    def here(self, text):
        """With what there is in place of the folders of a machine."""
        return re.sub(r"(?<![\w.])/(etc|var/lib|usr/local)\b", rf"{self.root}/\1", text)

    def run_block(self, lines):
        """Runs a block of BLOCKS, and looks at what became of it."""
        if lines[0].startswith("# /etc/cron.d/"):
            return self.run_cron(lines)
        for line in lines:
            if TARBALL in line:
                self.pack()
            if "install_manifest.txt" in line:
                self.install_from_source()
            if line.startswith("sudo install -m 0644 acme.yaml"):
                shutil.copy(self.place.folder / "usher.yaml", self.place.folder / "acme.yaml")
            code, told = self.place.shell(self.here(line))
            assert code == 0, f"`{line}` ended with {code}: {told}"
        if lines[0].startswith("sudo tar"):
            for name in INSTALLED:
                assert (self.root / "usr/local" / name).is_file(), name
            assert subprocess.run([self.root / "usr/local/bin/usher", "version"], stdout=subprocess.DEVNULL).returncode == 0
        if lines[0].startswith("sudo ln"):
            assert (self.root / "etc/fish/completions/usher.fish").is_file()
        if lines[0].startswith("tar -tzf"):
            self.expect_nothing_installed()
            assert not files_below(self.root / "etc/fish")
            assert {path.name for path in (self.root / "usr/local/share").iterdir()} >= {"man", "doc"}, "folders of others are gone"

    def pack(self):
        """Makes the tarball as packaging/static.sh does, of what the build made."""
        tarball = self.place.folder / TARBALL
        if tarball.exists():
            return
        self.tree = self.place.folder / TARBALL.removesuffix(".tar.gz")
        subprocess.run(["cmake", "--install", self.place.build, "--prefix", self.tree, "--component", "usher"], check=True,
                       stdout=subprocess.DEVNULL)
        self.manifest = (self.place.build / "install_manifest_usher.txt").read_text()
        with tarfile.open(tarball, "w:gz") as packed:
            packed.add(self.tree, self.tree.name)

    def expect_nothing_installed(self):
        left = files_below(self.root / "usr/local")
        assert not left, left

    def install_from_source(self):
        """What `cmake --install` leaves, with the list of it in the folder of the build."""
        self.expect_nothing_installed()
        local = self.root / "usr/local"
        shutil.copytree(self.tree, local, dirs_exist_ok=True)
        folder = self.place.folder / "build/release"
        folder.mkdir(parents=True)
        (folder / "install_manifest.txt").write_text(self.manifest.replace(str(self.tree), str(local)))

    def run_cron(self, lines):
        """A file of /etc/cron.d: variables, and lines with a user, who is there, run by /bin/sh in the user's home."""
        (self.root / "etc/cron.d/usher").write_text("\n".join(lines) + "\n")
        variables = dict(re.findall(r"^(\w+)=(.*)$", "\n".join(lines), re.M))
        jobs = [line for line in lines if line and not line.startswith("#") and not re.match(r"\w+=", line)]
        (job,) = [re.fullmatch(r"(?:[\d*/,-]+ ){5} *(\w+) +(.*)", line) for line in jobs]
        users = dict(re.findall(r"^(\w+):(?:[^:]*:){4}([^:]*):", (self.root / "etc/passwd").read_text(), re.M))
        home = pathlib.Path(self.here(users[job[1]]))
        assert oct(home.stat().st_mode & 0o777) == "0o700", "somebody else could read the state"
        configuration = self.root / "etc/usher"
        for name in ("people.csv", "sandbox-secret"):
            shutil.copy(self.place.folder / name, configuration)
        before = sorted(os.listdir(configuration))
        environment = {"HOME": str(home), "LOGNAME": job[1], "SHELL": "/bin/sh", **variables}
        environment["PATH"] = f"{self.place.build}:{environment['PATH']}"
        done = subprocess.run(["/bin/sh", "-c", self.here(job[2])], cwd=home, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        assert done.returncode in (0, 3, 4), done
        assert (home / "acme.db").is_file() and sorted(os.listdir(configuration)) == before, os.listdir(configuration)

    def run_by_hand(self, lines):
        """A function of the shell, and lines that call it."""
        end = lines.index("}") + 1
        text = (self.place.folder / "usher.yaml").read_text().replace("${file:sandbox-secret}", "${cred:iot-secret}")
        assert "${cred:" in text, text
        (self.place.folder / "by-hand.yaml").write_text(text)
        (self.root / "etc/usher").mkdir(exist_ok=True)
        shutil.copy(self.place.folder / "sandbox-secret", self.root / "etc/usher/iot-secret")
        for line in lines[end:]:
            script = "\n".join([*lines[:end], line])
            for theirs, ours in {"/etc/usher/acme.yaml": "by-hand.yaml", "/var/lib/usher/acme.db": "usher.db"}.items():
                script = script.replace(theirs, ours)
            if "undo 57" in script:
                script = script.replace("57", self.place.changed_run())
            code, told = self.place.shell(self.here(script))
            assert code in (0, 2, 3, 4), f"`{line}` ended with {code}: {told[-1500:]}"
