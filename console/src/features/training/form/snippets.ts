/** Start commands that work as they are in each mode; the DDP one also in a dev machine. */
export const SNIPPETS: Readonly<Record<string, string>> = {
  single: 'python train.py --data "$ML_DATA_DIR"',
  ddp: `python -m torch.distributed.run \\
  --nproc_per_node "\${GPU_NUM_PER_NODE:-$(nvidia-smi -L | wc -l)}" \\
  --nnodes "\${WORLD_SIZE:-1}" --node_rank "\${RANK:-0}" \\
  --master_addr "\${MASTER_ADDR:-localhost}" --master_port "\${MASTER_PORT:-23456}" \\
  train.py`,
  mpi: `# The command runs on every instance: only the first one launches.
if [ "$INDEX" = 0 ]; then
  np=$GPU_NUM; [ "$np" = 0 ] && np=$(wc -l < "$OMPI_MCA_orte_default_hostfile")
  mpirun --allow-run-as-root -np "$np" -H "$NODE_IP_SLOT_LIST" \\
    python3 "$ML_CODE_DIR/train.py"
fi`,
  horovod: `horovodrun -np "$GPU_NUM" -H "$NODE_IP_SLOT_LIST" \\
  python3 train.py`,
  ps: 'python train.py  # reads TF_CONFIG: its own role and where the others are',
  ray: 'cd /opt/ml/code; python job.py  # ray.init() needs no address',
}
