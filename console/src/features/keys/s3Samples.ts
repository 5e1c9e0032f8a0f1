import type { Sample } from '@/ui/CodeBlock'

/** How common tools are told of the S3-compatible endpoint and a key. */
export function s3Samples(
  system: { s3_url: string; s3_region: string },
  key: { id: string; secret: string },
  bucket: string,
): Sample[] {
  const { s3_url: url, s3_region: region } = system
  return [
    {
      language: 'AWS CLI',
      code: [
        `export AWS_ENDPOINT_URL=${url}`,
        `export AWS_DEFAULT_REGION=${region}`,
        `export AWS_ACCESS_KEY_ID=${key.id}`,
        `export AWS_SECRET_ACCESS_KEY=${key.secret}`,
        `aws s3 sync ./folder s3://${bucket}/folder`,
      ].join('\n'),
    },
    {
      language: 'Python',
      code: [
        'import boto3',
        '',
        's3 = boto3.client(',
        '    "s3",',
        `    endpoint_url="${url}",`,
        `    region_name="${region}",`,
        `    aws_access_key_id="${key.id}",`,
        `    aws_secret_access_key="${key.secret}",`,
        ')',
        `print(s3.list_objects_v2(Bucket="${bucket}"))`,
      ].join('\n'),
    },
    {
      language: 'rclone',
      code: [
        `rclone config create slipway s3 provider=Other endpoint=${url} \\`,
        `  access_key_id=${key.id} secret_access_key=${key.secret}`,
        `rclone copy ./folder slipway:${bucket}/folder`,
      ].join('\n'),
    },
  ]
}
