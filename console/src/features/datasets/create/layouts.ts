import type { Kind, LabelFormat } from '../kinds'

export interface Layout {
  /** The folder as a drawing. */
  tree: string
  /** One file of it. */
  example?: { file: string; language: string; code: string }
}

const TREES: Record<Exclude<LabelFormat, 'none'>, string> = {
  folder: `flowers/
├── rose/
│   ├── 001.jpg
│   └── 002.jpg
└── tulip/
    ├── 003.jpg
    └── 004.jpg`,
  voc: `street/
├── JPEGImages/
│   ├── 0001.jpg
│   └── 0002.jpg
└── Annotations/
    ├── 0001.xml
    └── 0002.xml`,
  coco: `street/
├── images/
│   ├── 0001.jpg
│   └── 0002.jpg
└── annotations.json`,
  yolo: `street/
├── data.yaml
├── images/
│   ├── 0001.jpg
│   └── 0002.jpg
└── labels/
    ├── 0001.txt
    └── 0002.txt`,
  ti: `street/
├── 0001.jpg
├── 0002.jpg
└── annotation.txt`,
  label_studio: `street/
├── 0001.jpg
├── 0002.jpg
└── label-studio.json`,
  cvat: `street/
├── 0001.jpg
├── 0002.jpg
└── annotations.xml`,
  manifest: `street/
├── 0001.jpg
├── 0002.jpg
└── output.manifest`,
}

/** With pixels instead of outlines. */
const VOC_MASKS = `street/
├── DataFile/
│   └── 0001.jpg
├── Annotations/
│   └── 0001.xml
├── SegmentationClass/
│   └── 0001.png
├── SegmentationObject/
│   └── 0001.png
└── labelmap.txt`

const PLAIN_TREES: Record<Kind, string> = {
  llm: `questions/
├── part-1.jsonl
└── part-2.jsonl`,
  mllm: `menus/
├── train.jsonl
└── images/
    ├── 0001.jpg
    └── 0002.jpg`,
  image_classification: `flowers/
├── 001.jpg
└── 002.png`,
  object_detection: `street/
├── 0001.jpg
└── 0002.png`,
  image_segmentation: `street/
├── 0001.jpg
└── 0002.png`,
  object_tracking: `street/
├── camera-1/
│   ├── frame_1.jpg
│   └── frame_2.jpg
└── camera-2/
    └── frame_1.jpg`,
  ocr: `receipts/
├── 0001.jpg
└── 0002.png`,
  text: `reviews/
├── part-1.txt
└── part-2.jsonl`,
  table: `sales/
├── 2025.csv
└── 2026.csv`,
  other: `anything/
├── notes.pdf
└── sound/
    └── 01.wav`,
}

const VOC = `<annotation>
  <filename>0001.jpg</filename>
  <size>
    <width>640</width><height>480</height><depth>3</depth>
  </size>
  <object>
    <name>bicycle</name>
    <bndbox>
      <xmin>40</xmin><ymin>120</ymin>
      <xmax>310</xmax><ymax>400</ymax>
    </bndbox>
  </object>
</annotation>`

const COCO_BOXES = `{
  "images": [
    {"id": 1, "file_name": "0001.jpg", "width": 640, "height": 480}
  ],
  "categories": [{"id": 1, "name": "bicycle"}],
  "annotations": [
    {"id": 1, "image_id": 1, "category_id": 1,
     "bbox": [40, 120, 270, 280]}
  ]
}`

const COCO_OUTLINES = COCO_BOXES.replace(
  '"bbox": [40, 120, 270, 280]',
  '"bbox": [40, 120, 270, 280],\n     "segmentation": [[40, 120, 310, 120, 310, 400, 40, 400]]',
)

const YOLO = `0 0.2734 0.5417 0.4219 0.5833
1 0.06 0.25 0.48 0.25 0.48 0.83`

const TI: Partial<Record<Kind, string>> = {
  image_classification: `{"info": {"path": "0001.jpg"}, "tags": {"classification_tags": [{"first_class": "rose"}]}}`,
  object_detection: `{"info": {"path": "0001.jpg"}, "tags": {"detection_tags": {"shapes": [{"frame_type": "rect", "pts": [40, 120, 310, 120, 310, 400, 40, 400], "bbox": [40, 120, 270, 280], "tag": [{"label_key_name": "class", "label_value_name": ["bicycle"]}]}]}}}`,
  object_tracking: `{"info": {"path": "camera-1/frame_1.jpg"}, "tags": {"detection_tags": {"shapes": [{"frame_type": "rect", "pts": [40, 120, 310, 120, 310, 400, 40, 400], "bbox": [40, 120, 270, 280], "tag": [{"label_key_name": "class", "label_value_name": ["bicycle"]}], "track_id": 7}]}}}`,
  image_segmentation: `{"info": {"path": "0001.jpg"}, "tags": {"segmentation_tags": {"shapes": [{"frame_type": "polygon", "pts": [[40, 120, 310, 120, 310, 400]], "bbox": [40, 120, 270, 280], "tag": {"label_value_name": "bicycle"}}]}}}`,
  ocr: `{"info": {"path": "0001.jpg"}, "tags": {"ocr_tags": {"type": "recognition", "shapes": [{"id": 1, "frame_type": "polygon", "pts": [10, 10, 90, 10, 90, 30, 10, 30], "bbox": [10, 10, 80, 20], "text": "Invoice no."}]}}}`,
}

const LABEL_STUDIO = `[{"data": {"image": "0001.jpg"},
  "annotations": [{"result": [
    {"type": "rectanglelabels", "original_width": 640, "original_height": 480,
     "value": {"x": 6.25, "y": 25, "width": 42.2, "height": 58.3,
               "rectanglelabels": ["bicycle"]}}
  ]}]}]`

const CVAT = `<annotations>
  <version>1.1</version>
  <image id="0" name="0001.jpg" width="640" height="480">
    <box label="bicycle" xtl="40" ytl="120" xbr="310" ybr="400"/>
    <polygon label="bicycle" points="40,120;310,120;310,400"/>
  </image>
</annotations>`

const CVAT_CLASSES = `<annotations>
  <version>1.1</version>
  <image id="0" name="0001.jpg" width="640" height="480">
    <tag label="rose"/>
  </image>
</annotations>`

const MANIFEST: Partial<Record<Kind, string>> = {
  image_classification: `{"source-ref": "0001.jpg", "class": 0, "class-metadata": {"class-name": "rose", "type": "groundtruth/image-classification"}}`,
  object_detection: `{"source-ref": "0001.jpg", "bounding-box": {"image_size": [{"width": 640, "height": 480, "depth": 3}], "annotations": [{"class_id": 0, "left": 40, "top": 120, "width": 270, "height": 280}]}, "bounding-box-metadata": {"class-map": {"0": "bicycle"}, "type": "groundtruth/object-detection"}}`,
}

const TEXTS = `{"content": "The delivery came late.", "labels": {"mood": "bad", "topic": ["post", "trade"]}}
{"content": "The final went to penalties.", "labels": {"topic": {"sport": "football"}}}`

const RECORDS = `{"instruction": "Answer briefly.", "input": "When do you open?", "output": "At nine."}
{"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Good day!"}]}
{"question": "How many?", "answer": "Three."}
{"text": "A paragraph to learn language from."}`

const PICTURES = `{"image": "images/0001.jpg", "conversations": [{"from": "human", "value": "What is on the plate?"}, {"from": "gpt", "value": "Eggs and toast."}]}`

const TABLE = `dept_id,dept,active
1,research,true
2,sales,false`

/** How the files of a dataset are expected to lie, with an example of the file that matters. */
export function layoutOf(kind: Kind, format: LabelFormat): Layout {
  if (kind === 'text') return { tree: PLAIN_TREES.text, example: json('part-1.txt', TEXTS) }
  if (kind === 'image_segmentation' && format === 'voc') {
    const code = 'background:0,0,0\nbicycle:128,0,0\ncar:0,128,0'
    return { tree: VOC_MASKS, example: { file: 'labelmap.txt', language: 'text', code } }
  }
  if (format !== 'none') return { tree: TREES[format], ...labelExample(kind, format) }
  const tree = PLAIN_TREES[kind]
  if (kind === 'llm') return { tree, example: json('part-1.jsonl', RECORDS) }
  if (kind === 'mllm') return { tree, example: json('train.jsonl', PICTURES) }
  if (kind === 'table') {
    return { tree, example: { file: '2025.csv', language: 'csv', code: TABLE } }
  }
  return { tree }
}

function labelExample(kind: Kind, format: LabelFormat): Pick<Layout, 'example'> {
  if (format === 'voc') return { example: { file: '0001.xml', language: 'xml', code: VOC } }
  if (format === 'yolo') return { example: { file: '0001.txt', language: 'text', code: YOLO } }
  if (format === 'ti') return { example: json('annotation.txt', TI[kind] ?? '') }
  if (format === 'label_studio') return { example: json('label-studio.json', LABEL_STUDIO) }
  if (format === 'manifest') return { example: json('output.manifest', MANIFEST[kind] ?? '') }
  if (format === 'cvat') {
    const code = kind === 'image_classification' ? CVAT_CLASSES : CVAT
    return { example: { file: 'annotations.xml', language: 'xml', code } }
  }
  if (format !== 'coco') return {}
  const code = kind === 'image_segmentation' ? COCO_OUTLINES : COCO_BOXES
  return { example: json('annotations.json', code) }
}

function json(file: string, code: string) {
  return { file, language: 'json', code }
}
