{{/* The Redis that comes along: whether, its password, and what of Redis our pods were started with. */}}

{{/* "true" where Redis comes along. */}}
{{- define "errand.ownRedis" -}}
{{- if not (or .Values.redis.external (has "REDIS_URL" .Values.secrets.keys) (hasKey .Values.secrets.values "REDIS_URL")) }}true{{ end -}}
{{- end -}}

{{/*
Its password, where the chart's own Secret holds it: as given; or made of ERRAND_KEY, so that each render has the same; or that of the
first install. One that is made is remembered for this render, as all templates have to say the same.
*/}}
{{- define "errand.redisPassword" -}}
{{- $values := .Values.secrets.values -}}
{{- if hasKey $values "REDIS_PASSWORD" -}}
{{- $values.REDIS_PASSWORD -}}
{{- else if hasKey $values "ERRAND_KEY" -}}
{{- printf "redis\n%s" $values.ERRAND_KEY | sha256sum -}}
{{- else -}}
{{- if not (hasKey .Values.redis "made") -}}
{{- $kept := (lookup "v1" "Secret" .Release.Namespace (include "errand.fullname" .)).data | default dict -}}
{{- $_ := set .Values.redis "made" (get $kept "REDIS_PASSWORD" | b64dec | default (randAlphaNum 40)) -}}
{{- end -}}
{{- .Values.redis.made -}}
{{- end -}}
{{- end -}}

{{/* What changes when pods have to learn of another Redis, or password. In a Secret of the operator's only a cluster can look it up. */}}
{{- define "errand.redisSum" -}}
{{- $key := eq "true" (include "errand.ownRedis" .) | ternary "REDIS_PASSWORD" "REDIS_URL" -}}
{{- if has $key .Values.secrets.keys -}}
{{- $theirs := (lookup "v1" "Secret" .Release.Namespace .Values.secrets.existing).data | default dict -}}
{{- get $theirs $key | sha256sum -}}
{{- else if include "errand.ownRedis" . -}}
{{- include "errand.redisPassword" . | sha256sum -}}
{{- else -}}
{{- get .Values.secrets.values "REDIS_URL" | default .Values.redis.external | sha256sum -}}
{{- end -}}
{{- end -}}
