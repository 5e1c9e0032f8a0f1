export function Method({ method }: { method: string }) {
  return (
    <b className="reference-method" data-method={method}>
      {method}
    </b>
  )
}
