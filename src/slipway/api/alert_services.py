"""Whose events alert rules can cover. A service that shall be covered adds its entry here."""

from __future__ import annotations

from slipway.alerts.catalogue import Catalogue, EventKind, EventService, Fields
from slipway.alerts.context import AlertContext
from slipway.alerts.message import Site
from slipway.alerts.network import Reach
from slipway.base.clock import utc_now
from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.settings import Settings

TRAINING = EventService(
    key="training", source="platform.training", prefix="training", en="Training task", zh="训练任务",
    subject_kind="task", id_prefix="train", page="/training/{id}", fields=Fields("taskId", "taskName", "taskSubUin"), vendor=True,
    sample_event="taskExecuteFailed", sample_state="Abnormal",
    sample_reason="Instance worker-0 exited with code 137.",
    events=(
        EventKind("taskScheduling", "Task queued", "任务排队中"),
        EventKind("taskRunning", "Task running", "任务开始运行"),
        EventKind("taskCompleted", "Task completed", "任务已完成"),
        EventKind("taskExecuteFailed", "Task failed", "任务异常"),
        EventKind("taskRestarted", "Task restarted", "任务已自动重启"),
        EventKind("taskPreempted", "Task preempted", "任务被抢占"),
        EventKind("taskStopped", "Task stopped", "任务已停止"),
    ),
)  # fmt: skip

SERVING = EventService(
    key="serving", source="platform.serving", prefix="service", en="Online service", zh="在线服务",
    subject_kind="service", id_prefix="ms", page="/services/{id}", sample_event="instanceFailed", sample_state="Abnormal",
    sample_reason="Replica 1 exited with code 1.",
    events=(
        EventKind("created", "Service created", "服务已创建"),
        EventKind("edited", "Service edited", "服务已编辑"),
        EventKind("deleted", "Service deleted", "服务已删除"),
        EventKind("stateChanged", "Service state changed", "服务状态变化"),
        EventKind("instanceFailed", "Service instance failed", "服务实例异常"),
        EventKind("trafficSplit", "Traffic split changed", "流量分配已变更"),
        EventKind("alarmFiring", "Alarm of a service", "服务指标告警"),
        EventKind("alarmResolved", "Alarm of a service is over", "服务指标告警已恢复"),
    ),
)  # fmt: skip

EVALUATION = EventService(
    key="evaluation", source="platform.evaluation", prefix="evaluation", en="Evaluation", zh="模型评测",
    subject_kind="evaluation", id_prefix="eval", page="/evaluations/{id}", sample_event="evaluationFailed",
    sample_state="Failed", sample_reason="The model could not be loaded.",
    events=(
        EventKind("evaluationCompleted", "Evaluation completed", "评测已完成"),
        EventKind("evaluationFailed", "Evaluation failed", "评测失败"),
        EventKind("evaluationStopped", "Evaluation stopped", "评测已停止"),
    ),
)  # fmt: skip

CATALOGUE = Catalogue((TRAINING, SERVING, EVALUATION))


def alert_context(settings: Settings, db: Database, sealer: Sealer) -> AlertContext:
    url = settings.public_url or f"http://{settings.host}:{settings.port}"
    return AlertContext(
        db=db, sealer=sealer, catalogue=CATALOGUE, site=Site(url, settings.site),
        reach=Reach(settings.webhook_reach), keep_days=settings.alert_log_days, now=utc_now,
    )  # fmt: skip
