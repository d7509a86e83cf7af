#!/bin/bash
# Starts a Slurm of one node, and runs the requeue job of nflow-train(1) and the array of
# nflow-sample(1) in it: slurm.sh NFLOW SOURCE. Ends with 77, and says why, where Slurm cannot start.
set -u
nflow=$1 source=$2
skip() { echo "skipped: $*"; exit 77; }
fail() { echo "failed: $*"; tail -n 20 log* ./*.log 2>/dev/null; exit 1; }

[ "$(id -u)" = 0 ] || skip "Slurm's daemons want root"
for program in slurmctld slurmd sbatch munged mungekey setpriv; do
  command -v $program >/dev/null || skip "$program is not installed"
done
folder=$(mktemp -d) && cd "$folder" || exit 1
chmod 755 . && mkdir spool state munge && chown munge munge 2>/dev/null || skip "no user munge"
export PATH=$(dirname "$nflow"):$PATH SLURM_CONF=$folder/slurm.conf
host=$(hostname -s)

mungekey -c -k munge/key && chown munge munge/key || skip "no key for munge"
setpriv --reuid=munge --regid=munge --clear-groups munged --force --key-file=munge/key \
  --socket=munge/socket --pid-file=munge/pid --log-file=munge/log --seed-file=munge/seed ||
  skip "munged does not start"
cat > slurm.conf <<EOF
ClusterName=test
SlurmctldHost=$host
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket,cred_expire=5
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SlurmctldPort=26817
SlurmdPort=26818
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmdSpoolDir=$folder/spool
StateSaveLocation=$folder/state
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
NodeName=$host CPUs=$(nproc)
PartitionName=all Nodes=ALL Default=YES State=UP
EOF
cleanup() {
  kill "$(cat slurmd.pid)" "$(cat slurmctld.pid)" "$(cat munge/pid)" 2>/dev/null
  sleep 1
  cd / && rm -rf "$folder"
}
trap cleanup EXIT
slurmctld || skip "slurmctld does not start"
slurmd || skip "slurmd does not start"
wait_for() { # SECONDS COMMAND...
  local tries=$(($1 * 5))
  shift
  until "$@"; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || return 1
    sleep 0.2
  done
}
idle() { sinfo -h 2>/dev/null | grep -q idle; }
gone() { [ -z "$(squeue -h -j "$1" -o %T 2>/dev/null)" ]; }
wait_for 20 idle || skip "the node does not come up: $(sinfo -h 2>&1 | head -n 1)"

# The job that requeues itself, as documented.
sed -n '/^#!\/bin\/sh/,/^\.Ed/p' "$source/man/nflow-train.1" | sed '$d; s/\\e/\\/g' |
  sed 's/--cpus-per-task=8/--cpus-per-task=1/' > job.sh
head -n 1501 "$source/data/power.csv" > power.csv
nflow train power.csv -o whole.nflow -q || fail "nflow train"
job=$(sbatch --parsable -o log.txt job.sh) || skip "sbatch refuses the job"
wait_for 60 grep -qs 'rows to train on' log.txt || skip "the job does not start: $(squeue -h | head -n 1)"
sleep 1
scancel -s TERM "$job"
wait_for 60 grep -q 'stopped by SIGTERM' log.txt || fail "the job was not stopped"
finished() { grep -q 'goes on from power.ckpt' log.txt && gone "$job"; }
wait_for 240 finished || fail "the job was not done after its requeue"
cmp power.nflow whole.nflow || fail "the requeued job's model differs"

# The array, as documented: each task is one turn of the page's loop.
{
  printf '#!/bin/sh\n#SBATCH --array=0-9 --cpus-per-task=1\n'
  sed -n '/^\$ for SLURM_ARRAY_TASK_ID/,/^  done/p' "$source/man/nflow-sample.1" | sed '1d;$d; s/\\e/\\/g'
} > array.sh
array=$(sbatch --parsable -o 'log-%a.txt' array.sh) || fail "sbatch refuses the array"
wait_for 60 gone "$array" || fail "the array does not end"
cat part-?.csv > all.csv
nflow sample -m power.nflow -n 1000 --seed 7 --no-header | cmp - all.csv || fail "the array's rows differ"
echo "a job cut and requeued and an array of ten made the bytes of one"
