# What the examples have in common; their run.sh source this with $here set to their folder. Not to be run alone.
# shellcheck shell=bash

root=$(cd "$here/../.." && pwd)
work=$here/work
build=
stop=no
elsewhere=

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\033[1m' plain=$'\033[0m'; fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

# options WORD...: reads --stop, --build and --work; for anything else prints the comment the script begins with.
options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --stop) stop=yes ;;
      --build) build=$(cd "$2" && pwd); shift ;;
      --work) work=$(realpath -m "$2"); elsewhere=yes; shift ;;
      *) sed -n '2,/^set /s/^# \{0,1\}//p' "$here/run.sh" >&2; exit 64 ;;
    esac
    shift
  done
}

build_programs() {
  "$root/packaging/dependencies.sh" build
  build=$root/build/quickstart
  cd "$root"
  [ -f "$build/build.ninja" ] || { say "Configuring"; cmake --preset quickstart > /dev/null; }
  say "Building usher and usher-sandbox (the first time takes some minutes)"
  cmake --build "$build" --target usher usher-sandbox
}

# A folder that somebody else filled is left alone.
expect_own_work() {
  [ -d "$work" ] && [ ! -f "$work/.made" ] && [ -n "$(ls -A "$work")" ] || return 0
  echo "$work is not empty and was not made by this script; name another folder with --work, or remove it" >&2
  exit 64
}

# What the folder's .made names, which a run noted before it made it: removed. Whatever else lies there stays.
clear_work() {
  [ -f "$work/.made" ] || return 0
  while IFS= read -r made; do rm -f -- "$work/${made:?}"; done < "$work/.made"
  : > "$work/.made"
}

# note NAME...: what the run makes next in the work folder, so that a later run removes that and nothing else, also after
# this one was killed. A file of somebody else's under such a name ends the run.
note() {
  local name
  for name in "$@"; do
    ! grep -qxF -e "$name" "$work/.made" || continue
    if [ -e "$work/$name" ] || [ -L "$work/$name" ]; then
      echo "$work/$name was not made by this script, which would write over it; move it elsewhere" >&2
      exit 64
    fi
    echo "$name" >> "$work/.made"
  done
}

# note_state FILE: the state, and what usher keeps beside it.
note_state() { note "$1" "$1"-wal "$1"-shm "$1".lock "$1".notified "$1".secrets; }

# begin WORD...: an empty work folder with a sandbox started with these options beside it; goes there.
begin() {
  [ -n "$build" ] || build_programs
  expect_own_work
  "$here/stop.sh" "$work"
  clear_work
  mkdir -p "$work"
  touch "$work/.made"
  trap '[ "$stop" = no ] || "$here/stop.sh" "$work"' EXIT
  note sandbox.ports sandbox.log sandbox.pid usher sandbox-secret
  # Its number is written before it is the sandbox, so that stop.sh finds it however this script ends.
  (echo "$BASHPID" > "$work/sandbox.pid"
    exec nohup "$build/usher-sandbox" "$@" --port-file "$work/sandbox.ports" > "$work/sandbox.log" 2>&1 < /dev/null) &
  for _ in $(seq 100); do
    [ -f "$work/sandbox.ports" ] && break
    kill -0 $! 2>/dev/null || { cat "$work/sandbox.log" >&2; exit 1; }
    sleep 0.1
  done
  [ -f "$work/sandbox.ports" ] || { echo "The sandbox did not start; see $work/sandbox.log" >&2; exit 1; }
  cd "$work"
  ln -s "$build/usher" usher
  (umask 077 && echo 12345678 > sandbox-secret)
}

# Where the sandbox plays a platform.
url() { echo "http://127.0.0.1:$(sed -n "s/^$1=//p" "$work/sandbox.ports")"; }

# step CODE REPORT WORD...: runs usher, keeps what it says in work/REPORT, shows how that begins, and insists on how it
# ends.
step() {
  local expected=$1 report=$2 code=0 lines shown=48
  shift 2
  note "$report"
  say "\$ ./usher $*"
  ./usher "$@" > "$report" || code=$?
  lines=$(wc -l < "$report")
  head -n "$shown" "$report"
  [ "$lines" -le "$shown" ] || echo "… and $((lines - shown)) more lines in $work/$report"
  echo "(exit $code)"
  [ "$code" -eq "$expected" ] || { echo "This should have ended with $expected." >&2; exit 1; }
}

# Says how the sandbox is stopped, unless it is.
farewell() {
  [ "$stop" = yes ] || echo "The sandbox keeps running until: $here/stop.sh${elsewhere:+ $work}"
}
