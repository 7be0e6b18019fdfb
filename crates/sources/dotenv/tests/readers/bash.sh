# What bash makes of each file of a folder: for every file and name, `+` and the value or `-`, each ended by a NUL.
# Usage: env -i bash --noprofile --norc -c "$(cat bash.sh)" bash FOLDER COUNT NAME...
# The files run as code: in a folder of their own, without a PATH, without a variable that leads out of that folder
# (so not as a script, whose path would be in `$0`), their output thrown away.
exec 3>&1 </dev/null
PATH=/nonexistent
__folder=$1
__count=$2
shift 2
__show() {
  for __name in "$@"; do
    if [[ -v $__name ]]; then
      printf '+%s\0' "${!__name}" >&3
    else
      printf -- '-\0' >&3
    fi
  done
}
cd -- "$__folder/run" || exit 1
for ((__index = 0; __index < __count; __index++)); do
  (
    __names="$*"
    # Also when the file ends the shell.
    trap '__show $__names' EXIT
    set -a
    . "$__folder/$__index"
  ) >/dev/null 2>&1
done
exit 0
