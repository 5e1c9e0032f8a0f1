"""Small distributed programs that tests run as tasks."""

# An all-reduce through Open MPI's own library: every rank adds its number + 1 and checks the sum.
MPI_SUM = """
import ctypes, ctypes.util, os, sys
mpi = ctypes.CDLL(ctypes.util.find_library("mpi") or "libmpi.so.40", mode=ctypes.RTLD_GLOBAL)
def symbol(name):
    return ctypes.byref(ctypes.c_char.in_dll(mpi, name))
world, rank, size = symbol("ompi_mpi_comm_world"), ctypes.c_int(), ctypes.c_int()
mpi.MPI_Init(None, None)
mpi.MPI_Comm_rank(world, ctypes.byref(rank))
mpi.MPI_Comm_size(world, ctypes.byref(size))
mine, total = ctypes.c_int(rank.value + 1), ctypes.c_int()
mpi.MPI_Allreduce(ctypes.byref(mine), ctypes.byref(total), 1, symbol("ompi_mpi_int"), symbol("ompi_mpi_op_sum"), world)
print(f"rank {rank.value} of {size.value} in instance {os.environ['INDEX']}: sum {total.value}\\n", end="", flush=True)
mpi.MPI_Finalize()
"""

# A parameter server: holds one number; each worker pulls it, adds to it, pushes its share.
PARAMETER_SERVER = """
import json, os, socketserver, threading
config = json.loads(os.environ["TF_CONFIG"])
task = config["task"]
host, _, port = config["cluster"]["ps"][task["index"]].rpartition(":")
value, lock = [0], threading.Lock()
class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            with lock:
                value[0] += int(line)
                self.wfile.write(f"{value[0]}\\n".encode())
socketserver.ThreadingTCPServer.allow_reuse_address = True
print("ps serves", task, flush=True)
socketserver.ThreadingTCPServer((host, int(port)), Handler).serve_forever()
"""

PARAMETER_WORKER = """
import json, os, socket, time
config = json.loads(os.environ["TF_CONFIG"])
share = config["task"]["index"] + 1
for server in config["cluster"]["ps"]:
    host, _, port = server.rpartition(":")
    while True:
        try:
            link = socket.create_connection((host, int(port)), timeout=5)
            break
        except OSError:
            time.sleep(0.05)
    with link, link.makefile("rw") as stream:
        for _ in range(10):
            stream.write(f"{share}\\n"); stream.flush()
            total = int(stream.readline())
    print("worker", share, "saw", total, flush=True)
"""

DDP_SUM = """
import os, torch, torch.distributed as dist
os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
dist.init_process_group("gloo")
x = torch.tensor([float(dist.get_rank() + 1)])
dist.all_reduce(x)
print(f"rank {dist.get_rank()} of {dist.get_world_size()}: sum {x.item():.0f}", flush=True)
dist.destroy_process_group()
"""

RAY_JOB = """
import os, ray
ray.init()
@ray.remote(num_cpus=0, resources={"Rank:1": 0.001})
def where():
    return os.environ["INDEX"]
print("ran on index", ray.get(where.remote()), flush=True)
print("nodes", len(ray.nodes()), flush=True)
"""
