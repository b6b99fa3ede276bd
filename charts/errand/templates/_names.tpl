{{/* Names and labels of everything. */}}

{{- define "errand.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains "errand" .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-errand" .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What selects the pods of this release; a list of the root and a component. */}}
{{- define "errand.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: errand
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "errand.labels" -}}
{{ include "errand.selector" . }}
app.kubernetes.io/part-of: errand
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" (index . 0).Chart.Name (index . 0).Chart.Version }}
{{- end -}}

{{/* The parts that run as Deployments, with spaces between. */}}
{{- define "errand.parts" -}}
{{- if .Values.allInOne }}all{{ else }}serve work door{{ end -}}
{{- end -}}

{{/* The part whose pods are behind the Service of `serve` or `door`; a list of the root and that name. */}}
{{- define "errand.behind" -}}
{{- if (index . 0).Values.allInOne }}all{{ else }}{{ index . 1 }}{{ end -}}
{{- end -}}

{{- define "errand.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "errand.fullname" .) -}}
{{- end -}}

{{- define "errand.runsNamespace" -}}
{{- .Values.runs.namespace | default (printf "%s-runs" .Release.Namespace) -}}
{{- end -}}

{{/* The namespace of runs that this release made before, and that helm would delete now since it makes it no more; nothing where there is none. */}}
{{- define "errand.lostNamespace" -}}
{{- $before := lookup "v1" "ConfigMap" .Release.Namespace (include "errand.fullname" .) -}}
{{- $made := dig "metadata" "annotations" "errand/made-namespace" "" ($before | default dict) -}}
{{- $now := .Values.runs.createNamespace | ternary (include "errand.runsNamespace" .) "" -}}
{{- if and $made (ne $made $now) -}}
{{- $there := lookup "v1" "Namespace" "" $made -}}
{{- if and $there (ne (dig "metadata" "annotations" "helm.sh/resource-policy" "" $there) "keep") }}{{ $made }}{{ end -}}
{{- end -}}
{{- end -}}

{{/* `repository`, `tag` and `digest` as one text; a list of the image and the tag to take where there is none. */}}
{{- define "errand.image" -}}
{{- $image := index . 0 -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default (index . 1) }}
{{- end -}}
{{- end -}}

{{- define "errand.doorUrl" -}}
{{- .Values.door.url | default (printf "http://%s-door.%s.svc:%d" (include "errand.fullname" .) .Release.Namespace (int .Values.door.port)) -}}
{{- end -}}

{{/* Of https://errand.example.com:8443/x: the host without its port. */}}
{{- define "errand.host" -}}
{{- (urlParse .Values.url).hostname -}}
{{- end -}}
