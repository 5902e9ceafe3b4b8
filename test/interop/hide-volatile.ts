// What tools print of values that no two servers share: hidden.

/** Columns are squeezed: an age of other width moves them. */
export function hideVolatile(text: string): string {
  return text
    .replace(/^\s*(?:- )?manager: |^\s*managedFields:[\s\S]*?(?=^  \S)/gm, '')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uid>')
    .replace(/"?\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\b"?/g, '<time>')
    .replace(/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4}/g, '<time>') // Of the files that diff compares.
    .replace(/^( *"?(?:gitCommit|gitTreeState|goVersion|compiler)"?: ).*$/gm, '$1<build>')
    .replace(/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} [\d:]+ [+-]\d{4}/g, '<time>')
    .replace(/resourceVersion("?: ?)"?\d+"?/g, 'resourceVersion$1<number>')
    .replace(/\b10\.(96|0)\.\d+\.\d+\b/g, '<clusterIP>')
    .replace(/https:\/\/127\.0\.0\.1:\d+/g, '<server>')
    .replace(/:3\d{4}\/TCP/g, ':<nodePort>/TCP')
    .replace(/\b3[0-2]\d{3}\/TCP/g, '<nodePort>/TCP')
    .replace(/nodePort("?: ?)3\d{4}/g, 'nodePort$1<nodePort>')
    .replace(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access-<random>')
    .replace(/\bx-[a-z0-9]{5}\b/g, 'x-<random>')
    .replace(/(\/tmp\/|\.\d+\/)[\w./-]*(LIVE|MERGED)-\d+/g, '$2')
    .replace(/\b(\d+[smhd])+\b/g, '<age>')
    .replace(/X509SHA256=[0-9a-f]{64}/g, '<fingerprint>')
    .replace(/ {2,}/g, '  ')
    .replace(/[ \t]+$/gm, '')
}
