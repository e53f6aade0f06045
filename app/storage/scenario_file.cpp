// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/storage/scenario_file.h"

#include <cmath>
#include <limits>

#include <QDate>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>

namespace app {

namespace {

const QString kFormat = QStringLiteral("paretoscope-scenario");
constexpr int kVersion = 1;
constexpr qint64 kMaxFileBytes = 1 << 20;
constexpr qsizetype kMaxTextLength = 4096;
constexpr double kMostTokens = 1e9;
constexpr auto kPriceKey = "micro_usd_per_hour";
constexpr double kMostMicroUsd = 1e12; // a million dollars an hour

QString text(std::string_view name)
{
    return QString::fromLatin1(name.data(), static_cast<qsizetype>(name.size()));
}

QJsonObject objectOf(const Limit &limit)
{
    return {{QStringLiteral("on"), limit.on}, {QStringLiteral("value"), limit.value}};
}

QJsonObject knownKeys(const Scenario &scenario)
{
    const Limits &limits = scenario.limits;
    return {
        {QStringLiteral("format"), kFormat},
        {QStringLiteral("version"), kVersion},
        {QStringLiteral("name"), scenario.name},
        {QStringLiteral("model"), scenario.model},
        {QStringLiteral("device"), scenario.device},
        {QStringLiteral("dtype"), text(engine::dtypeName(scenario.dtype))},
        {QStringLiteral("kv_dtype"), text(engine::dtypeName(scenario.kvDtype))},
        {QStringLiteral("batch"), static_cast<qint64>(scenario.workload.batch)},
        {QStringLiteral("context_tokens"), static_cast<qint64>(scenario.workload.contextTokens)},
        {QStringLiteral("output_tokens"), static_cast<qint64>(scenario.workload.outputTokens)},
        {QLatin1String(kPriceKey), static_cast<qint64>(scenario.usdPerHour)},
        {QStringLiteral("utilisation"), scenario.utilisation},
        {QStringLiteral("input_per_output"), scenario.inputPerOutput},
        {QStringLiteral("cached_share"), scenario.cachedShare},
        {QStringLiteral("axis"),
         scenario.axis == CurveAxis::Batch ? QStringLiteral("batch") : QStringLiteral("context")},
        {QStringLiteral("limits"),
         QJsonObject{{QStringLiteral("ttft_ms"), objectOf(limits.ttftMs)},
                     {QStringLiteral("tokens_per_second"), objectOf(limits.tokensPerSecond)},
                     {QStringLiteral("usd_per_million"), objectOf(limits.usdPerMillion)}}},
        {QStringLiteral("offers"), scenario.offers},
        {QStringLiteral("offers_as_of"), scenario.offersAsOf.isValid()
                                             ? QJsonValue(scenario.offersAsOf.toString(Qt::ISODate))
                                             : QJsonValue(QJsonValue::Null)},
    };
}

// What `whole` has beyond the keys of `known`, objects searched too.
QJsonObject beyond(const QJsonObject &whole, const QJsonObject &known)
{
    QJsonObject rest;
    for (auto it = whole.begin(); it != whole.end(); ++it) {
        const auto match = known.find(it.key());
        if (match == known.end()) {
            rest.insert(it.key(), it.value());
        } else if (match->isObject() && it->isObject()) {
            const QJsonObject inner = beyond(it->toObject(), match->toObject());
            if (!inner.isEmpty())
                rest.insert(it.key(), inner);
        }
    }
    return rest;
}

// `known` laid over `extra`.
QJsonObject merged(const QJsonObject &extra, const QJsonObject &known)
{
    QJsonObject result = extra;
    for (auto it = known.begin(); it != known.end(); ++it) {
        const QJsonValue own = result.value(it.key());
        result.insert(it.key(), own.isObject() && it->isObject()
                                    ? QJsonValue(merged(own.toObject(), it->toObject()))
                                    : it.value());
    }
    return result;
}

// Reads keys of one object into fields that already hold their defaults; the first wrong one is
// remembered.
class Reader
{
public:
    Reader(const QJsonObject &object, QString prefix)
        : m_object(object), m_prefix(std::move(prefix))
    {
    }

    void read(const char *key, QString &field)
    {
        const QJsonValue value = m_object.value(QLatin1String(key));
        if (value.isUndefined())
            return;
        if (!value.isString() || value.toString().size() > kMaxTextLength)
            refuse(key, QStringLiteral("a text of at most %1 characters").arg(kMaxTextLength));
        else
            field = value.toString();
    }

    void read(const char *key, double &field, double lowest, double highest)
    {
        const QJsonValue value = m_object.value(QLatin1String(key));
        if (value.isUndefined())
            return;
        const double number = value.toDouble(std::numeric_limits<double>::quiet_NaN());
        if (!(number >= lowest && number <= highest))
            refuse(key, QStringLiteral("a number from %1 to %2").arg(lowest).arg(highest));
        else
            field = number;
    }

    void read(const char *key, std::int64_t &field, double lowest, double highest)
    {
        auto number = static_cast<double>(field);
        read(key, number, lowest, highest);
        if (number != std::floor(number))
            refuse(key, QStringLiteral("a whole number"));
        else
            field = static_cast<std::int64_t>(number);
    }

    void read(const char *key, bool &field)
    {
        const QJsonValue value = m_object.value(QLatin1String(key));
        if (value.isUndefined())
            return;
        if (!value.isBool())
            refuse(key, QStringLiteral("true or false"));
        else
            field = value.toBool();
    }

    void read(const char *key, QDate &field)
    {
        const QJsonValue value = m_object.value(QLatin1String(key));
        if (value.isUndefined() || value.isNull())
            return;
        const QDate date = QDate::fromString(value.toString(), Qt::ISODate);
        if (!date.isValid() || date.year() < 2000 || date.year() > 2200)
            refuse(key, QStringLiteral("a day such as \"2025-07-31\", or null for today"));
        else
            field = date;
    }

    void read(const char *key, engine::DType &field)
    {
        QString name = text(engine::dtypeName(field));
        read(key, name);
        if (const auto type = engine::dtypeFromName(name.toStdString()))
            field = *type;
        else
            refuse(key, QStringLiteral("a number format such as \"bf16\" or \"fp8\""));
    }

    QJsonObject object(const char *key)
    {
        const QJsonValue value = m_object.value(QLatin1String(key));
        if (!value.isUndefined() && !value.isObject())
            refuse(key, QStringLiteral("an object"));
        return value.toObject();
    }

    void refuse(const char *key, const QString &wanted)
    {
        if (m_fault.isEmpty())
            m_fault =
                QStringLiteral("\"%1%2\" must be %3").arg(m_prefix, QLatin1String(key), wanted);
    }

    void adopt(const Reader &inner)
    {
        if (m_fault.isEmpty())
            m_fault = inner.m_fault;
    }

    const QString &fault() const { return m_fault; }

private:
    const QJsonObject m_object;
    QString m_prefix;
    QString m_fault;
};

void readLimit(Reader &limits, const char *key, Limit &limit)
{
    Reader reader(limits.object(key), QStringLiteral("limits.%1.").arg(QLatin1String(key)));
    reader.read("on", limit.on);
    reader.read("value", limit.value, 0, 1e12);
    limits.adopt(reader);
}

void readFields(Reader &reader, Scenario &scenario)
{
    reader.read("name", scenario.name);
    reader.read("model", scenario.model);
    reader.read("device", scenario.device);
    reader.read("dtype", scenario.dtype);
    reader.read("kv_dtype", scenario.kvDtype);
    reader.read("batch", scenario.workload.batch, 1, kMostTokens);
    reader.read("context_tokens", scenario.workload.contextTokens, 1, kMostTokens);
    reader.read("output_tokens", scenario.workload.outputTokens, 1, kMostTokens);
    reader.read(kPriceKey, scenario.usdPerHour, 0, kMostMicroUsd);
    reader.read("utilisation", scenario.utilisation, 0.01, 1);
    reader.read("input_per_output", scenario.inputPerOutput, 0, 1000);
    reader.read("cached_share", scenario.cachedShare, 0, 1);
    QString axis = QStringLiteral("batch");
    reader.read("axis", axis);
    if (axis != QLatin1String("batch") && axis != QLatin1String("context"))
        reader.refuse("axis", QStringLiteral("\"batch\" or \"context\""));
    scenario.axis = axis == QLatin1String("batch") ? CurveAxis::Batch : CurveAxis::Context;
    Reader limits(reader.object("limits"), QStringLiteral("limits."));
    readLimit(limits, "ttft_ms", scenario.limits.ttftMs);
    readLimit(limits, "tokens_per_second", scenario.limits.tokensPerSecond);
    readLimit(limits, "usd_per_million", scenario.limits.usdPerMillion);
    reader.adopt(limits);
    reader.read("offers", scenario.offers);
    reader.read("offers_as_of", scenario.offersAsOf);
}

engine::Error withPath(engine::Error error, const QString &path)
{
    error.detail = path.toStdString() + (error.detail.empty() ? "" : ": " + error.detail);
    return error;
}

} // namespace

QByteArray toJson(const Scenario &scenario)
{
    return QJsonDocument(merged(scenario.extra, knownKeys(scenario))).toJson();
}

engine::Result<Scenario> parseScenario(const QByteArray &json, const Inventory &inventory)
{
    if (json.size() > kMaxFileBytes)
        return engine::fail(engine::ErrorKind::BadInput,
                            "The scenario is larger than 1 MiB, which no scenario is.");
    QJsonParseError fault;
    const QJsonDocument document = QJsonDocument::fromJson(json, &fault);
    if (fault.error != QJsonParseError::NoError)
        return engine::fail(engine::ErrorKind::BadInput,
                            "The scenario is no JSON: " + fault.errorString().toStdString() +
                                " at byte " + std::to_string(fault.offset) + ".");
    const QJsonObject object = document.object();
    if (object.value(QLatin1String("format")).toString() != kFormat)
        return engine::fail(engine::ErrorKind::BadInput,
                            "This is no scenario: \"format\" must be \"paretoscope-scenario\".");
    const double version = object.value(QLatin1String("version")).toDouble();
    if (version > kVersion)
        return engine::fail(engine::ErrorKind::Unsupported,
                            "The scenario is of format version " +
                                QString::number(version).toStdString() +
                                ", this program reads up to 1; a newer Paretoscope opens it.");
    if (version < 1)
        return engine::fail(engine::ErrorKind::BadInput,
                            "The scenario has no \"version\", a number from 1 on.");
    Scenario scenario;
    Reader reader(object, {});
    readFields(reader, scenario);
    if (!reader.fault().isEmpty())
        return engine::fail(engine::ErrorKind::BadInput,
                            "The scenario cannot be used: " + reader.fault().toStdString() + ".");
    if (!object.contains(QLatin1String(kPriceKey)))
        scenario.usdPerHour = rentOf(inventory, scenario.device);
    scenario.extra = beyond(object, knownKeys(scenario));
    return scenario;
}

engine::Result<Scenario> readScenario(const QString &path, const Inventory &inventory)
{
    QFile file(path);
    if (!file.exists())
        return engine::fail(engine::ErrorKind::NotFound, "There is no such scenario file.",
                            path.toStdString());
    if (QFileInfo(path).isDir() || !file.open(QIODevice::ReadOnly))
        return engine::fail(engine::ErrorKind::Io, "The scenario file cannot be read.",
                            path.toStdString() + ": " + file.errorString().toStdString());
    auto scenario = parseScenario(file.read(kMaxFileBytes + 1), inventory);
    if (!scenario)
        return tl::make_unexpected(withPath(scenario.error(), path));
    return scenario;
}

engine::Result<void> writeScenario(const QString &path, const Scenario &scenario)
{
    QSaveFile file(path);
    const QByteArray json = toJson(scenario);
    if (!file.open(QIODevice::WriteOnly) || file.write(json) != json.size() || !file.commit())
        return engine::fail(engine::ErrorKind::Io, "The scenario file cannot be written.",
                            path.toStdString() + ": " + file.errorString().toStdString());
    return {};
}

} // namespace app
