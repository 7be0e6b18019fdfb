# The environment of a program that a shell starts once it has read a file, for each file of a folder: `NAME=VALUE`, each
# ended by a NUL, and one more NUL behind each file's.
# Usage: env -i sh shell.sh FOLDER COUNT
folder=$1
count=$2
index=0
while [ "$index" -lt "$count" ]; do
  (
    . "$folder/$index"
    exec /usr/bin/env -0
  )
  printf '\0'
  index=$((index + 1))
done
