{{/* The peers and ports of one way out of the runs; a list of the way as in runs.network.allow, what runs never reach, and the ports where it has none. */}}
{{- define "errand.way" -}}
{{- $way := index . 0 -}}
- to:
    {{- if $way.cidr }}
    - ipBlock:
        cidr: {{ $way.cidr | quote }}
        {{- with concat ($way.except | default list) (include "errand.except" (list $way.cidr (index . 1)) | fromJsonArray) | uniq }}
        except: {{- toYaml . | nindent 10 }}
        {{- end }}
    {{- else }}
    - namespaceSelector: { matchLabels: {{ $way.namespaceLabels | default dict | toJson }} }
      podSelector: { matchLabels: {{ $way.podLabels | default dict | toJson }} }
    {{- end }}
  {{- with $way.ports | default (index . 2) }}
  ports: {{- range . }}
    - { protocol: TCP, port: {{ . }} }
  {{- end }}
  {{- end }}
{{- end -}}

{{/* The port of the door's address. */}}
{{- define "errand.doorPort" -}}
{{- $door := urlParse (include "errand.doorUrl" .) -}}
{{- regexFind ":[0-9]+$" $door.host | trimPrefix ":" | default (eq $door.scheme "https" | ternary "443" "80") -}}
{{- end -}}

{{/* Of http://[fd00::5]:8081: fd00::5/128. Nothing where the door's address names a host. */}}
{{- define "errand.doorCidr" -}}
{{- $host := (urlParse (include "errand.doorUrl" .)).hostname -}}
{{- if contains ":" $host }}{{ $host }}/128{{ else if regexMatch "^[0-9.]+$" $host }}{{ $host }}/32{{ end -}}
{{- end -}}

{{/* "true" where the door's address is that of its Service. */}}
{{- define "errand.doorIsService" -}}
{{- $host := (urlParse (include "errand.doorUrl" .)).hostname -}}
{{- $service := printf "%s-door.%s" (include "errand.fullname" .) .Release.Namespace -}}
{{- if or (eq $host $service) (hasPrefix (printf "%s.svc" $service) $host) }}true{{ end -}}
{{- end -}}

{{/* Peers of `from`, without the runs, as a JSON list; a list of the root and the operator's peers. */}}
{{- define "errand.notRuns" -}}
{{- $not := dict "key" "kubernetes.io/metadata.name" "operator" "NotIn" "values" (list (include "errand.runsNamespace" (index . 0))) -}}
{{- $peers := list -}}
{{- range index . 1 | default (list (dict "namespaceSelector" dict)) -}}
{{- $peer := deepCopy . -}}
{{- if hasKey $peer "namespaceSelector" -}}
{{- $namespaces := $peer.namespaceSelector | default dict -}}
{{- $_ := set $peer "namespaceSelector" (set $namespaces "matchExpressions" (append ($namespaces.matchExpressions | default list) $not)) -}}
{{- end -}}
{{- $peers = append $peers $peer -}}
{{- end -}}
{{- $peers | toJson -}}
{{- end -}}
