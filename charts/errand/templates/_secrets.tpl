{{/* Which secrets there are, and where. */}}

{{/* The names of all secrets that are given or made, as a JSON list. */}}
{{- define "errand.secretNames" -}}
{{- $names := concat .Values.secrets.keys (keys .Values.secrets.values) -}}
{{- $names = append $names "ERRAND_KEY" -}}
{{- append $names (eq "true" (include "errand.ownRedis" .) | ternary "REDIS_PASSWORD" "REDIS_URL") | uniq | sortAlpha | toJson -}}
{{- end -}}

{{/* Those of them that the chart's own Secret holds, as a JSON list. */}}
{{- define "errand.ownSecretNames" -}}
{{- $own := list -}}
{{- range include "errand.secretNames" . | fromJsonArray -}}
{{- if not (has . $.Values.secrets.keys) }}{{ $own = append $own . }}{{ end -}}
{{- end -}}
{{- $own | toJson -}}
{{- end -}}

{{/* The Secret that has the key; a list of the root and the key. */}}
{{- define "errand.secretOf" -}}
{{- $root := index . 0 -}}
{{- if has (index . 1) $root.Values.secrets.keys }}{{ $root.Values.secrets.existing }}{{ else }}{{ include "errand.fullname" $root }}{{ end -}}
{{- end -}}
