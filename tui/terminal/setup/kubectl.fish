set -l file (sh @DIR@/completion.sh fish @CACHE@); and source $file
