# What a shell makes of each file of a folder: for every file and name, `+` and the value or `-`, each ended by a NUL.
# Usage: env -i sh shell.sh FOLDER COUNT NAME...
folder=$1
count=$2
shift 2
index=0
while [ "$index" -lt "$count" ]; do
  (
    . "$folder/$index"
    for name in "$@"; do
      # Only what is exported counts: it is what a server gets.
      if /usr/bin/env | grep -q "^$name="; then
        eval "printf '+%s\\0' \"\$$name\""
      else
        printf -- '-\0'
      fi
    done
  )
  index=$((index + 1))
done
