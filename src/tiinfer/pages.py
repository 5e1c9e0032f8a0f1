"""The page at /docs: what the model takes and gives, and a form to try it. Nothing from outside."""

API_PAGE = b"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Model API</title><style>
body{font:15px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#222}
pre,textarea{font:13px/1.45 ui-monospace,monospace;background:#f6f7f9;border:1px solid #dde;
border-radius:6px;padding:.7rem;width:100%;box-sizing:border-box;overflow:auto;white-space:pre-wrap}
button{font:inherit;padding:.3rem 1rem;border-radius:6px;border:1px solid #88a;background:#fff}
code{background:#f6f7f9;padding:0 .3em;border-radius:3px}h2{margin-top:2rem;font-size:1.1rem}
</style></head><body><h1 id="title">Model API</h1><p id="about"></p>
<p><code>POST /v1/models/m:predict</code> &middot; <a href="openapi.json">openapi.json</a></p>
<h2>Request</h2><pre id="asked"></pre><h2>Answer</h2><pre id="told"></pre>
<h2>Try it</h2><textarea id="body" rows="8" aria-label="Request body">{}</textarea>
<p><button id="send">Send</button> <span id="took"></span></p><pre id="answer" aria-live="polite"></pre>
<script>
const $ = (id) => document.getElementById(id)
const show = (schema, all) => JSON.stringify(schema.$ref ? all[schema.$ref.split('/').pop()] : schema, null, 2)
const sample = (schema, all) => {
  const s = schema.$ref ? all[schema.$ref.split('/').pop()] : schema
  if (s.default !== undefined) return s.default
  if (s.type === 'object') return Object.fromEntries(Object.entries(s.properties || {}).map(([k, v]) => [k, sample(v, all)]))
  return { array: [], number: 0, integer: 0, string: '', boolean: false }[s.type] ?? null
}
fetch('openapi.json').then((r) => r.json()).then((api) => {
  const post = Object.values(api.paths)[0].post, all = (api.components || {}).schemas || {}
  const asked = post.requestBody.content['application/json'].schema
  const told = Object.values(post.responses['200'].content)[0].schema
  $('title').textContent = api.info.title
  $('about').textContent = api.info.description
  $('asked').textContent = Object.keys(asked).length ? show(asked, all) : 'JSON of any form'
  $('told').textContent = Object.keys(told).length ? show(told, all) : 'JSON of any form'
  if (Object.keys(asked).length) $('body').value = JSON.stringify(sample(asked, all), null, 2)
})
$('send').onclick = async () => {
  const began = performance.now()
  const answer = await fetch('v1/models/m:predict', { method: 'POST', body: $('body').value })
  $('answer').textContent = await answer.text()
  $('took').textContent = answer.status + ', ' + Math.round(performance.now() - began) + ' ms'
}
</script></body></html>
"""
