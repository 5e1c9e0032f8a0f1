"""The console's words that the tests act by, in English and in Chinese."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    # anywhere
    "next": ("Next", "下一步"),
    "more": ("More actions", "更多操作"),
    "delete": ("Delete", "删除"),
    "start": ("Start", "启动"),
    "stop": ("Stop", "停止"),
    "name": ("Name", "名称"),
    "choose files": ("Choose files", "选择文件"),
    "choose folder": ("Choose a folder", "选择文件夹"),
    "upload": ("Upload", "上传"),
    "close": ("Close", "关闭"),
    "upload done": ("Done", "已完成"),
    # frame and sign-in
    "user name": ("User name", "用户名"),
    "password": ("Password", "密码"),
    "sign in": ("Sign in", "登录"),
    "switch language": ("Switch language", "切换语言"),
    "appearance": ("Appearance", "外观"),
    "light": ("Light", "浅色"),
    "dark": ("Dark", "深色"),
    "account": ("Account", "账号"),
    "sign out": ("Sign out", "退出登录"),
    "page not found": ("Page not found", "页面不存在"),
    "try again": ("Try again", "重试"),
    "users": ("Users", "用户"),
    "new user": ("New user", "新建用户"),
    "datasets": ("Datasets", "数据集"),
    "storage": ("Storage", "存储"),
    "new bucket": ("New bucket", "新建存储桶"),
    # datasets
    "new dataset": ("New dataset", "新建数据集"),
    "text records": ("Text records", "大语言模型"),
    "image classification": ("Image classification", "图像分类"),
    "in storage": ("Already in storage", "已在存储中"),
    "storage address": ("Address in storage", "存储路径"),
    "class folders": ("One folder per class", "按类别分文件夹"),
    "create dataset": ("Create dataset", "创建数据集"),
    "statistics": ("Statistics", "统计"),
    "fields": ("Fields", "字段"),
    "label distribution": ("Label distribution", "标签分布"),
    # training
    "training tasks": ("Training tasks", "训练任务"),
    "new task": ("New task", "新建任务"),
    "copy task": ("Copy", "复制"),
    "start command": ("Start command", "启动命令"),
    "submit": ("Submit", "提交"),
    "log": ("Log", "日志"),
    "log lines": ("Log lines", "日志内容"),
    "search log": ("Search in the log", "在日志中搜索"),
    "metrics": ("Metrics", "训练指标"),
    "resources": ("Resources", "资源监控"),
    "instances": ("Instances", "实例"),
    "events": ("Events", "事件"),
    "checkpoints": ("Checkpoints", "检查点"),
    "publish": ("Publish", "发布模型"),
    "publish it": ("Publish", "发布"),
    "name of the model": ("Name of the model", "模型名称"),
    "why it failed": ("Why it failed:", "异常原因："),
    "may not": ("Your role in this project does not allow this.", "你在本项目中的角色没有此权限。"),
    "name rule": ("Up to 60 letters", "最多 60 个字符"),
    # models
    "import model": ("Import model", "导入模型"),
    "deploy": ("Deploy", "部署"),
    # services
    "new service": ("New service", "新建服务"),
    "model package": ("Model package", "模型包"),
    "calls need a key": ("Calls need a key", "调用需携带密钥"),
    "create service": ("Create service", "创建服务"),
    "done": ("Done", "完成"),
    "keys": ("Keys", "密钥"),
    "new key": ("New key", "新建密钥"),
    "save": ("Save", "保存"),
    "show": ("Show", "查看"),
    "call": ("Call", "服务调用"),
    "with key": ("With key", "使用密钥"),
    "request body": ("Request body", "请求体"),
    "send": ("Send", "发送"),
    "monitoring": ("Monitoring", "调用监控"),
    "calls": ("Calls", "调用次数"),
    # playground
    "message": ("Message", "消息"),
    "tokens": ("tokens", "Token"),
    # evaluation
    "evaluations": ("Evaluations", "模型评测"),
    "new evaluation": ("New evaluation", "新建评测"),
    "online service": ("Online service", "在线服务"),
    "dataset": ("Dataset", "数据集"),
    "start evaluation": ("Start evaluation", "开始评测"),
    "results": ("Results", "评测结果"),
    "answers": ("Answers", "逐条查看"),
    "compare": ("Compare", "对比"),
    # keys
    "create": ("Create", "创建"),
    "kept": ("I have kept it", "我已妥善保存"),
}
STATES: dict[str, tuple[str, str]] = {
    "available": ("Available", "可用"),
    "completed": ("Completed", "已完成"),
    "abnormal": ("Abnormal", "异常"),
    "running": ("Running", "运行中"),
    "succeeded": ("Succeeded", "成功"),
    "queued": ("Queued", "排队中"),
    "stopped": ("Stopped", "已停止"),
}


def words(language: str, key: str) -> str:
    table = STATES if key in STATES else WORDS
    return table[key][("en", "zh").index(language)]
