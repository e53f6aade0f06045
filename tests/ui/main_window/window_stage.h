// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFile>
#include <QStringList>
#include <QTest>

#include "tests/ui/main_window/window_fixture.h"
#include "ui/main_window/main_window.h"
#include "ui/views/rail.h"
#include "ui/widgets/button.h"
#include "ui/widgets/readout_tile.h"
#include "ui/widgets/text_label.h"

namespace tests {

// Warnings since the start; a test of the window is right only if there are none.
inline QStringList &warnings()
{
    static QStringList kept;
    return kept;
}

inline void keepWarnings(QtMsgType type, const QMessageLogContext &, const QString &message)
{
    // Noise of the offscreen platform itself.
    const bool noise = message.contains(QLatin1String("propagateSizeHints")) ||
                       message.contains(QLatin1String("XDG_RUNTIME_DIR"));
    if ((type == QtWarningMsg || type == QtCriticalMsg) && !noise)
        warnings().append(message);
}

// Shows the window and waits until it is there.
inline void show(ui::MainWindow &window, const QSize &size)
{
    window.resize(size);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    QCoreApplication::sendPostedEvents();
}

// Texts that their widgets cannot show whole.
inline QStringList clippedTexts(const QWidget &root)
{
    QStringList clipped;
    for (const auto *label : root.findChildren<ui::TextLabel *>()) {
        if (label->isVisible() && label->isElided())
            clipped.append(label->text());
    }
    for (const auto *tile : root.findChildren<ui::ReadoutTile *>()) {
        if (tile->isVisible() && tile->isClipped())
            clipped.append(tile->content().label);
    }
    for (const auto *button : root.findChildren<ui::Button *>()) {
        if (button->isVisible() && button->width() < button->sizeHint().width())
            clipped.append(button->text());
    }
    for (const auto *button : root.findChildren<ui::RailButton *>()) {
        if (button->isVisible() && !button->fits())
            clipped.append(button->text());
    }
    return clipped;
}

// A model of two layers, without weights.
inline bool writeTinyModel(const QString &folder)
{
    QFile config(folder + QStringLiteral("/config.json"));
    return config.open(QIODevice::WriteOnly) &&
           config.write(R"({"architectures":["LlamaForCausalLM"],"model_type":"llama",
        "hidden_size":256,"intermediate_size":512,"num_hidden_layers":2,"num_attention_heads":4,
        "num_key_value_heads":2,"vocab_size":1000,"max_position_embeddings":2048,
        "rms_norm_eps":1e-5,"rope_theta":10000.0,"tie_word_embeddings":false})") > 0;
}

// What every test of the window begins and ends with.
class WindowTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { qInstallMessageHandler(keepWarnings); }
    void cleanup() { QCOMPARE(warnings(), QStringList()); }
};

} // namespace tests
